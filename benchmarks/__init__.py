"""Speed against named peers, as ratios within one run; each module is one `make bench-…`.

chain.py     the chain against the same hops in bare nats-py; the cold cycle and the whole system
parts.py     what the difference is made of, one part after the other
side.py      one side: a server, four processes, a driver that plays cycle after cycle
ours.py      a process of our side    bare.py  a process of the bare side
payloads.py  the events both sides hand on
paper.py     the paper exchange alone, against its own bars
filter.py    the gate's year and a sweep of 1,000 settings against their bars
whole.py     `upcycle cycle` and `upcycle up` as the owner types them
"""
