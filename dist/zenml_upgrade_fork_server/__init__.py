"""The fork server: imports ZenML once and runs each job in a forked child.

The TypeScript side starts it as `python <this directory>/__main__.py PARALLEL WORK_DIRECTORY`. The
server reads one job per line (JSON) from standard input and writes one event per line to standard
output: `ready`, `started` and `done`. When standard input ends, the server ends every job and
exits.

A child has its own session, its own ZenML configuration directory and a copy of the memory of the
server. Therefore nothing of one pipeline's modules, environment or store is visible to the next
pipeline. The server itself never opens a store.

A child writes its result and what it prints into pipes of its own. The server checks the result,
bounds the log, and ends what the child left running. Code of the user runs as the same user as the
server and may end it; the TypeScript side then starts a new server and finds out whose fault it
was.

The package uses only the standard library and ZenML, and supports ZenML 0.90 to 0.98 and Python
3.10 to 3.14. Its modules import ZenML inside functions, because the server must first set ZenML's
configuration directory and move standard output away; see `server.main`.

User code shares the interpreter with this package. The distinctive name of the package and the
relative imports inside it keep its modules apart from the user's; see `__main__.py`.
"""
