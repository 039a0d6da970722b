#!/bin/sh
# The broker's health check, and its way back from a full disk. A stream that could not be written takes nothing any
# more until the server starts again, also when there is room (2.15.1). So once there is room this ends the server, and
# Docker starts it anew: a second or two, which every service waits for anyway. Without room a restart would help nobody.
page=http://127.0.0.1:8222/healthz
wget -q -O /dev/null "$page" && exit 0
said=$(printf 'GET /healthz HTTP/1.0\r\n\r\n' | nc -w 3 127.0.0.1 8222 | tail -n 1) # wget keeps the words of a refusal
echo "$said"
case $said in *'write error'*)
  free_kb=$(df -Pk /data | awk 'NR == 2 { print $4 }')
  if [ "$free_kb" -ge 65536 ]; then
    echo "there is room again: the server ends, to be started anew" | tee /proc/1/fd/2
    kill 1
  fi ;;
esac
exit 1
