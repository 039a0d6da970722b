"""Speed against bars and named peers, as ratios within one run; what has a `find` is one `make bench-…`.

figures.py   what a benchmark finds: figures, bars, noise    quiet.py  CPU medians, and the noise
run.py       how each ends: its figures printed, its exit code
latest.py    all of them one after the other, into latest.json: `make bench`
chain.py     the chain against the same hops in bare nats-py
parts.py     what the difference is made of, one part after the other
side.py      one side: a server, four processes, a driver that plays cycle after cycle
ours.py      a process of our side    bare.py  a process of the bare side
payloads.py  the events both sides hand on
paper.py     the paper exchange alone, against its own bars
filter.py    the gate's year and a sweep of 1,000 settings against their bars
whole.py     `upcycle cycle` and `upcycle up` as the owner types them
"""
