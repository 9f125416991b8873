"""Commands run by a process that has imported what they need, which `up` keeps for its workspace.

``client.py`` hands a command over and passes signals on; ``server.py`` forks a process for each command;
``address.py`` makes sure that this gives what a new process would. Linux only: it takes fork(2) without
threads, SO_PEERCRED, and PR_SET_PDEATHSIG.
"""
