"""Patches of suspected illegal building, traced from images, against all layers and all permits (控违拆违)."""
