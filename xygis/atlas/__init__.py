"""The atlas as data: layers, law and styles, each folder read by one module. Measures nothing."""
