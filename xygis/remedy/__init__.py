"""How a parcel could be changed: the smallest cut and the smallest shift that clear what stands in its way, each checked again."""
