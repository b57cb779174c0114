"""Reads for home pages: each goes through the rooms' own queries or keeps to a node the actor may see."""
