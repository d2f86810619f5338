#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
#
# Send real traffic through net_piopmd and compare every frame that comes out.
#
# Programs talk over a veth pair (ping, dig, curl) while tcpdump records them. An unmodified
# dpdk-testpmd forwards the recorded frames to a VF of the emulator, with PIO on its queue 0. The
# frames leave through a pcap file and through a Linux TAP interface, and both are compared with
# the recording. What is missing on the machine is installed and built first.
#
# usage: pio-demo.sh [options]
#   --build DIR    build directory (default: build)
#   --no-install   install nothing, fetch nothing
#   --no-build     nor build: take the build directory as it is
#   --keep DIR     keep recordings and logs in DIR
#   --input FILE   forward this pcap file, of Ethernet frames up to 1518 bytes, instead of
#                  recording one
#   --devargs ARGS device arguments beside class=pio (default: pio_txqs=0)
#
# Exit code 0 when every frame arrived as it was sent; 77 when the kernel does not permit the
# network namespaces or the TAP interface that the demo needs.
#
# All interfaces live in network namespaces of their own, which vanish with their processes:
# nothing on the machine's own network is touched and nothing stays behind.
set -eu

top=$(dirname "$(dirname "$(realpath "$0")")")
export PATH=/usr/bin:/bin:/usr/sbin:/sbin:$PATH # see devtools/build.sh
build=$top/build
build_args=()
with_build=yes
input=
devargs=pio_txqs=0
work=
max_len=1518	# with an MTU of 1500 and a VLAN tag
usage() {
	sed -n '5,27s/^# \{0,1\}//p' "$0" >&2
	echo "pio-demo: $*" >&2
	exit 2
}
while [ $# -gt 0 ]; do
	case $1 in
	--build | --keep | --input | --devargs) [ $# -gt 1 ] || usage "$1 needs a value" ;;
	esac
	case $1 in
	--build) build=$(realpath -m "$2"); shift ;;
	--no-install) build_args+=("$1") ;;
	--no-build) with_build=no ;;
	--keep) work=$(realpath -m "$2"); shift ;;
	--input) input=$(realpath -m "$2"); shift ;;
	--devargs) devargs=$2; shift ;;
	*) usage "unknown option '$1'" ;;
	esac
	shift
done

die() {
	local code=$1

	shift
	echo "pio-demo: $*" >&2
	exit "$code"
}

pids=()
keep=$work
cleanup() {
	local code=$?

	trap - EXIT INT TERM
	set +e
	trap '' PIPE	# nobody may read what is said here
	# newest first: programs before the namespaces in which they run
	for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
		end "${pids[i]}" || true
	done
	if [ $code != 0 ] && [ $code != 77 ] && [ -e "$work/testpmd.log" ]; then
		echo "--- testpmd's output, begin and end" >&2
		sed -n -e 1,20p "$work/testpmd.log" >&2
		echo ... >&2
		tail -n 20 "$work/testpmd.log" >&2
	fi
	[ -n "$keep" ] || rm -rf "$work"
	exit $code
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 141' PIPE

if [ -n "$work" ]; then
	mkdir -p "$work"
else
	work=$(mktemp -d)
fi

# until_true SECONDS COMMAND...: wait for it
until_true() {
	local end=$((SECONDS + $1))

	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.1
	done
}

# ended PID: of a program that this shell has started
ended() {
	! kill -0 "$1" 2>/dev/null
}

# end PID: its exit code
end() {
	kill "$1" 2>/dev/null || true
	until_true 5 ended "$1" || kill -KILL "$1" 2>/dev/null || true
	wait "$1" 2>/dev/null
}

# is_new_ns ID: the process is in a namespace other than ours already
is_new_ns() {
	local ns

	# a process that has ended has none
	ns=$(readlink "/proc/$1/ns/net") && [ -n "$ns" ] && [ "$ns" != "$(readlink /proc/self/ns/net)" ]
}

# new_ns NAME: a network namespace that lives as long as a sleeping process in it; its id -> NAME
new_ns() {
	unshare --net sleep 600 </dev/null >/dev/null 2>"$work/unshare.log" &
	pids+=($!)
	local pid=$!
	until_true 5 is_new_ns "$pid" ||
		die 77 "the kernel does not permit a network namespace (root with CAP_SYS_ADMIN" \
			"needed): $(cat "$work/unshare.log")"
	printf -v "$1" %s "$pid"
	in_ns "$pid" ip link set lo up
}

# in_ns ID COMMAND...
in_ns() {
	local pid=$1

	shift
	nsenter --net="/proc/$pid/ns/net" -- "$@"
}

# start_in_ns ID LOG COMMAND...: in the background; its process id -> started
start_in_ns() {
	local pid=$1 log=$2

	shift 2
	# nsenter becomes the program, so that the id is the program's
	nsenter --net="/proc/$pid/ns/net" -- "$@" >"$log" 2>&1 </dev/null &
	started=$!
	pids+=("$started")
}

# capture ID INTERFACE FILE [OPTION...]: start tcpdump and wait until it listens. The default
# snapshot length would leave room for eight frames in its buffer.
capture() {
	local pid=$1 interface=$2 file=$3

	shift 3
	start_in_ns "$pid" "$file.log" tcpdump -i "$interface" -w "$file" -Z root \
		-U --immediate-mode --snapshot-length=2048 --buffer-size=32768 "$@"
	until_true 10 grep -qs 'listening on' "$file.log" ||
		die 1 "tcpdump does not start on $interface: $(cat "$file.log")"
}

# end_capture PID FILE
end_capture() {
	end "$1" || true
	grep -q '^0 packets dropped by kernel' "$2.log" || die 1 "tcpdump lost frames: $(cat "$2.log")"
}

# frames_in FILE: how many whole frames a pcap file holds so far
frames_in() {
	tcpdump -r "$1" --count 2>/dev/null | sed -n 's/^\([0-9]*\) packet.*/\1/p'
}

# record FILE: let real programs talk to each other
record() {
	local client server tcpdump ns size

	new_ns client
	new_ns server
	ip link add veth0 netns "$client" type veth peer name veth0 netns "$server" ||
		die 77 "the kernel does not permit a veth pair"
	for ns in $client:10.99.0.1 $server:10.99.0.2; do
		in_ns "${ns%:*}" ip address add "${ns#*:}/24" dev veth0
		# else one "frame" holds what many would on a wire, without checksums
		in_ns "${ns%:*}" ethtool -K veth0 tx off rx off tso off gso off gro off >/dev/null
	done
	for ns in $client $server; do
		in_ns "$ns" ip link set veth0 up
	done
	capture "$client" veth0 "$1"
	tcpdump=$started

	mkdir -p "$work/www"
	for size in 1 100 1400 60000; do
		head -c $size /dev/urandom >"$work/www/$size"
	done
	start_in_ns "$server" "$work/dnsmasq.log" dnsmasq --no-daemon --no-resolv --no-hosts --conf-file=/dev/null \
		--user=root --group=root --pid-file= --interface=veth0 --bind-interfaces \
		--address=/www.example/10.99.0.2 --txt-record=www.example,"$(printf '%0200d' 7)"
	start_in_ns "$server" "$work/http.log" /usr/bin/python3 -u -m http.server \
		--bind 10.99.0.2 --directory "$work/www" 80
	until_true 20 grep -q 'Serving HTTP' "$work/http.log" || die 1 "HTTP server does not start"
	until_true 20 grep -q started "$work/dnsmasq.log" || die 1 "DNS server does not start"

	for size in 0 1 56 200 500 1000 1472; do
		in_ns "$client" ping -q -n -c 3 -i 0.05 -s $size 10.99.0.2 >/dev/null
	done
	in_ns "$client" dig +short +tries=2 @10.99.0.2 www.example A >"$work/dig.log"
	grep -q '^10.99.0.2$' "$work/dig.log" || die 1 "DNS query failed: $(cat "$work/dig.log")"
	in_ns "$client" dig +short +tries=2 @10.99.0.2 www.example TXT >/dev/null
	in_ns "$client" dig +short +tcp @10.99.0.2 www.example A >/dev/null
	for size in 1 100 1400 60000; do
		in_ns "$client" curl -s -S -m 20 -o "$work/got" "http://10.99.0.2/$size"
		cmp -s "$work/got" "$work/www/$size" || die 1 "HTTP transfer of $size bytes failed"
	done
	sleep 0.5
	end_capture "$tcpdump" "$1"
}

# xstat NAME: the last value of one of the VF's statistics
xstat() {
	sed -n "s/^\(testpmd> \)*$1: \([0-9]*\)\$/\2/p" "$work/testpmd.log" | tail -n 1
}

# find_vf_port: which port the VF has become (the order of buses is EAL's affair) -> vf_port
find_vf_port() {
	kill -0 "$testpmd" 2>/dev/null || die 1 "testpmd has ended early"
	echo "show port summary all" >&3
	sleep 0.2
	# the first list is complete when a second one has begun
	[ "$(grep -c '^Port MAC Address' "$work/testpmd.log")" -ge 2 ] || return 1
	vf_port=$(sed -n 's/^\([0-9][0-9]*\) .* net_piopmd .*/\1/p' "$work/testpmd.log" | tail -n 1)
	[ -n "$vf_port" ] || die 1 "the driver has not taken the VF"
}

# sent N: ask testpmd whether N frames have been sent and completed
sent() {
	kill -0 "$testpmd" 2>/dev/null || die 1 "testpmd has ended early"
	echo "show port xstats $vf_port" >&3
	sleep 0.2
	[ "$(xstat tx_good_packets)" = "$1" ] && [ "$(frames_in "$work/out.pcap")" = "$1" ]
}

# forward N FILE: N frames of FILE through testpmd, the VF and the emulator to out.pcap and the TAP
forward() {
	local wire tcpdump plugin cpus

	new_ns wire
	# else the kernel would send frames of its own into the TAP
	in_ns "$wire" sh -c 'echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6' 2>/dev/null || true
	in_ns "$wire" ip tuntap add dev pio0 mode tap 2>"$work/tap.log" ||
		die 77 "the kernel does not permit a TAP interface: $(cat "$work/tap.log")"
	in_ns "$wire" ip link set pio0 up
	capture "$wire" pio0 "$work/tap.pcap" -Q in
	tcpdump=$started

	# by bare name: EAL refuses a path below a directory that everybody may write to
	plugin=$(readlink "$build/librte_net_piopmd.so")
	# two lcores, on one CPU if there is no second one
	cpus=($(awk '/^Cpus_allowed_list:/ { gsub(",", " ", $2); n = split($2, range, " ")
		for (i = 1; i <= n; i++) { m = split(range[i], end, "-")
			for (c = end[1]; c <= end[m]; c++) print c } }' /proc/self/status | head -n 2))
	# --no-flush-rx: what waits on a port at "start" is what we want to see forwarded.
	# noisy: a little work for each frame, as a network function has; a recording comes in faster
	# than any network, and would only show how the few PIO slots run out.
	mkfifo "$work/commands"
	exec 3<>"$work/commands"
	(
		cd /
		export LD_LIBRARY_PATH=$build${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
		exec nsenter --net="/proc/$wire/ns/net" -- \
			"$build/emu/pioemu" run --wire "pcap-out=$work/out.pcap,tap=pio0" -- \
			dpdk-testpmd --lcores "0@${cpus[0]},1@${cpus[1]:-${cpus[0]}}" \
			--no-huge -m 256 --no-shconf --no-telemetry -d "$plugin" \
			--vdev "net_pcap0,rx_pcap=$2" -a "0000:01:00.1,class=pio,$devargs" -- \
			-i --no-flush-rx --disable-link-check \
			--total-num-mbufs=8192 --burst=4 --forward-mode=noisy \
			--noisy-lkup-memory=1 --noisy-lkup-num-reads=10000
	) <&3 >"$work/testpmd.log" 2>&1 &
	testpmd=$!
	pids+=($testpmd)
	until_true 30 find_vf_port || die 1 "testpmd does not start"
	echo start >&3
	until_true 30 sent "$1" || die 1 "not all frames have left: $(xstat tx_good_packets) of $1"
	echo stop >&3
	echo quit >&3
	until_true 30 ended "$testpmd" || die 1 "testpmd does not end"
	wait "$testpmd" || die 1 "testpmd failed with exit code $?"
	sleep 0.5
	end_capture "$tcpdump" "$work/tap.pcap"
}

# compare NAME FILE: print a line of the table
compare() {
	local result

	if result=$(/usr/bin/python3 "$top/usertools/pio-pcap-compare.py" --pad 60 "$input" "$2"); then
		printf '%-28s %8s   all equal, byte for byte\n' "$1" "$result"
	else
		printf '%-28s %8s   DIFFERENT: %s\n' "$1" "$(frames_in "$2")" "$result"
		failed=1
	fi
}

if [ -n "$input" ]; then
	[ -r "$input" ] || die 2 "--input $input: no such file, or it cannot be read"
	# it may be missing still
	! [ -x /usr/bin/python3 ] || why=$(/usr/bin/python3 "$top/usertools/pio-pcap-compare.py" \
		--kinds --max $max_len "$input") || die 2 "--input $why"
fi
# in a list of arguments a comma ends the name
case $input$work in
*,*) die 2 "testpmd and pioemu cannot take a name with a comma: '$input', '$work'" ;;
esac
if [ $with_build = no ] && ! [ -x "$build/emu/pioemu" -a -e "$build/librte_net_piopmd.so" ]; then
	die 2 "$build holds no build: leave out --no-build, or name another one by --build"
fi
[ $with_build = no ] || "$top/devtools/build.sh" --build "$build" "${build_args[@]}"
if [ -z "$input" ]; then
	echo "recording ping, dig and curl on a veth pair"
	input=$work/input.pcap
	record "$input"
fi
frames=$(frames_in "$input")
[ "${frames:-0}" -gt 0 ] || die 1 "$input holds no frame"
echo "forwarding by testpmd to the emulated VF, device arguments class=pio,$devargs"
forward "$frames" "$input"

failed=0
by_pio=$(xstat tx_pio_packets)
by_ring=$(xstat tx_pio_ring_packets)
reasons=$(sed -n 's/^tx_pio_fallback_\([a-z_]*\): \([1-9][0-9]*\)$/\1 \2/p' "$work/testpmd.log" |
	awk '{ last[$1] = $2 } END { for (r in last) print r, last[r] }' | sort)
echo
printf '%-28s %8d   %s\n' 'frames in' "$frames" \
	"$(/usr/bin/python3 "$top/usertools/pio-pcap-compare.py" --kinds "$input")"
printf '%-28s %8d\n' 'sent by PIO' "${by_pio:-0}"
printf '%-28s %8d   %s\n' 'sent by the ring' "${by_ring:-0}" \
	"$(echo "$reasons" | sed 's/^\([^ ]*\) /reason \1: /' | paste -s -d , | sed 's/,/, /g')"
compare 'out through the pcap file' "$work/out.pcap"
compare 'out through the TAP' "$work/tap.pcap"
echo
[ $failed = 0 ] || die 1 "frames differ"
[ "${by_pio:-0}" -gt 0 ] || die 1 "no frame went by PIO"
[ $((by_pio + by_ring)) = "$frames" ] || die 1 "the driver's counters do not add up"
echo "all $frames frames arrived as they were sent"
