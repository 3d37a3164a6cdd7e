"""What the generated files are made from: one module for each kind of file."""
