"""Proofs of our guarantees: each runs a guard for real and prints its figures."""
