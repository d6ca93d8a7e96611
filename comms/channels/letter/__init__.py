"""Letters: a plain value in, an A4 PDF out, made in a process that reaches nothing else."""
