"""The bundled expert: its recipe (list of pictures, preparation of the data, training, measurement)."""
