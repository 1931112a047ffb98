#!/bin/sh
# The page: who answers, and whom it sees (an IPv4 address without its IPv6 clothes).
client=${REMOTE_ADDR#[}
client=${client%]}
printf 'Content-Type: text/plain\r\n\r\n%s %s\n' "$(hostname)" "${client#::ffff:}"
