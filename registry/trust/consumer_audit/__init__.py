"""What in a consumer's own files lets its package manager take a package of our name from somebody else.

Nothing is asked of any server: the files alone are read. One file here for each package manager.
"""
