"""Forms of the desk's pages about an edition; shape and wording of input."""
