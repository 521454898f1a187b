"""Before a partnership begins: would it be noticed, when, and how should it be set up?"""
