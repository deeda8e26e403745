"""Load: a large home whose devices speak as many messages a second as are asked for.

1. Devices share connections, since a process has not a hundred thousand of them, and messages are
   encoded as bytes and written in large pieces. A client that takes one message at a time through
   several calls would measure itself.
2. QoS 1, with a bounded window of messages that the broker has not yet receipted. Where the broker
   is slower than the rate, the load waits and says so: it is never thrown away.
3. A receiver on a connection of its own subscribes to what is sent. Loss, repetition and latency
   are as it sees them.
4. Everything is one thread and one event loop, so that all instants are of one clock.
5. A bed exit is timed to the alert's topic, where a monitor raises one.
"""
