"""Measurements: each prints figures of the product as it stands, beside a bare Flask page."""
