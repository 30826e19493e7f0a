-- The database of a private server; its name is fixed, since CREATE DATABASE takes no parameters.
CREATE DATABASE locus
