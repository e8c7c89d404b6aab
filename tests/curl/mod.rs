//! Pasted and exported curl commands against the real curl, which a shell runs against a server that only listens.

mod corpus;
mod echo;
mod round_trip;
