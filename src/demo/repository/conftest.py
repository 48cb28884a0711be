# Its place tells pytest that pipelines.py is importable from here.
