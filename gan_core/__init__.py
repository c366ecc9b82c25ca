"""The workbench without its pages: rooms that import downwards alone; docs/architecture.md is the plan of the house."""
