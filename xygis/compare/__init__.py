"""The third use case: any two files of polygons against each other, without an atlas and without law."""
