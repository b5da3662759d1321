"""The compiled loops of the overlay and their plain twins: flat arrays in, flat arrays out. Knows no layer and no parcel."""
