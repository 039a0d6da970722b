"""The broker of compose.yaml: its configuration and who may do what there."""
