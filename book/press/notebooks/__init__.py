"""The notebooks: paired, executed, handed out."""
