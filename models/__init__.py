"""Experts: what a card is, the catalogue, the store on disk, evaluation, and the starter."""
