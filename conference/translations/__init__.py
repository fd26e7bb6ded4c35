"""The catalogues: Serbian in Cyrillic by hand, one file per feature; the rest is made from it."""
