"""The sample: plain data in seeds/data, and the history that makes a conference of it."""
