"""Pictures that fit some words, looked for in the codes of an autoencoder by the verdict of who knows words."""
