#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
#
# Prepare a host for net_piopmd, step by step, and undo it again.
#
# usage: pio-setup.sh [--dry-run] STEP...
#
#   check                   is the IOMMU on? then what pio-check.py says; changes nothing
#   modules                 load vfio-pci
#   hugepages N             reserve N hugepages of 2 MiB (more than there are, never fewer)
#   vfs PF N                N virtual functions on the physical function PF (sriov_numvfs)
#   bind BDF...             bind functions to vfio-pci with dpdk-devbind.py
#   permit USER BDF...      let USER open the functions: /dev/vfio/GROUP, resource0, resource0_wc
#   all USER PF N           modules, hugepages 512, vfs PF N, then bind and permit all its VFs
#   undo                    everything back as it was before, newest step first
#
# --dry-run says what would be done and does nothing. Every change is noted in
# /run/pio-setup.undo, so that undo works in a later call too. Exit code: 0 done, 1 refused or
# failed (what was done before stays noted), 2 wrong usage.
set -u

root=${PIO_SETUP_ROOT:-}	# of a tree that stands for the host's (tests)
devices=$root/sys/bus/pci/devices
hugepages=$root/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages
notes=$root/run/pio-setup.undo
dry=no
vf_deadline_s=10

say() { echo "pio-setup: $*"; }
die() { echo "pio-setup: $*" >&2; exit 1; }
usage() { sed -n '5,20p' "$0" | sed 's/^# \{0,1\}//' >&2; [ $# = 0 ] || echo "pio-setup: $*" >&2; exit 2; }

# note WORD...: how to undo what comes next, noted before it is done
note()
{
	[ $dry = no ] || return 0
	{ echo "$*" >> "$notes"; } 2> /dev/null || die "cannot write $notes: run as root"
}

# act TEXT COMMAND...: say it, do it
act()
{
	local text=$1

	shift
	if [ $dry = yes ]; then
		say "would $text"
		return 0
	fi
	say "$text"
	"$@" || die "failed: $text"
}

put() { echo "$1" > "$2"; }

is_bdf() { [[ $1 =~ ^[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$ ]]; }

device()
{
	is_bdf "$1" || die "'$1' is not a PCI address such as 0000:01:00.1"
	[ -e "$devices/$1" ] || die "there is no device $1; see dpdk-devbind.py --status-dev net"
}

driver_of() { basename "$(readlink "$devices/$1/driver" || echo none)"; }
group_of() { basename "$(readlink "$devices/$1/iommu_group" || echo none)"; }

step_iommu()
{
	[ -n "$(ls "$root/sys/kernel/iommu_groups" 2>/dev/null)" ] && return
	die "the IOMMU is off: enable VT-d or AMD-Vi in the firmware, add 'intel_iommu=on iommu=pt'" \
		"(AMD: 'iommu=pt') to GRUB_CMDLINE_LINUX in /etc/default/grub, run update-grub, reboot"
}

step_check()
{
	step_iommu
	say "the IOMMU is on"
	"$(dirname "$(realpath "$0")")/pio-check.py"
}

step_modules()
{
	if [ -d "$root/sys/bus/pci/drivers/vfio-pci" ]; then
		say "vfio-pci is there already"
		return
	fi
	note module vfio-pci
	act "load the module vfio-pci" modprobe vfio-pci
}

# meminfo FIELD: MiB, or nothing where the kernel does not say
meminfo()
{
	awk -v field="$1:" '$1 == field { print int($2 / 1024) }' "$root/proc/meminfo" 2>/dev/null
}

step_hugepages()
{
	local wanted=$1 now got free total

	[[ $wanted =~ ^[0-9]+$ ]] || die "'$wanted' is not a number of hugepages"
	now=$(cat "$hugepages") || die "this kernel has no hugepages of 2 MiB"
	if [ "$now" -ge "$wanted" ]; then
		say "$now hugepages are reserved already"
		return
	fi
	# To serve such a request the kernel would take what running programs need, and end them
	free=$(meminfo MemAvailable)
	total=$(meminfo MemTotal)
	[ -z "$free" ] || [ $(((wanted - now) * 2)) -le $((free - total / 10)) ] ||
		die "$wanted hugepages need $(((wanted - now) * 2)) MiB more, and $free MiB are" \
			"available, a tenth of all $total MiB to be left: close programs, or take fewer"
	note put "$now" "${hugepages#"$root"}"
	act "reserve $wanted hugepages of 2 MiB ($now until now)" put "$wanted" "$hugepages"
	[ $dry = no ] || return 0
	got=$(cat "$hugepages")
	[ "$got" -lt "$wanted" ] || return 0
	# half a step would starve the host for nothing
	undo_last
	die "the kernel found memory for $got of $wanted hugepages only: close programs, or reserve" \
		"them at boot with hugepages=$wanted"
}

# The VFs of a PF, one a line
vfs_of()
{
	local link

	for link in "$devices/$1"/virtfn*; do
		[ -L "$link" ] && basename "$(readlink "$link")"
	done
}

step_vfs()
{
	local pf=$1 wanted=$2 now total path=$devices/$1/sriov_numvfs waited=0

	device "$pf"
	[[ $wanted =~ ^[0-9]+$ ]] || die "'$wanted' is not a number of VFs"
	[ -e "$path" ] || die "$pf is no physical function with SR-IOV: switch SR-IOV on in the" \
		"firmware and in the adapter (sfboot switch-mode=sriov vf-count=$wanted)"
	now=$(cat "$path")
	total=$(cat "$devices/$pf/sriov_totalvfs")
	if [ "$now" = "$wanted" ]; then
		say "$pf has $now VFs already"
		return
	fi
	[ "$wanted" -le "$total" ] || die "$pf allows at most $total VFs: raise it with" \
		"sfboot vf-count=$wanted, then power-cycle"
	# the kernel changes a number of VFs by way of none; existing ones may be in use
	[ "$now" = 0 ] || die "$pf has $now VFs: stop their users, then 'echo 0 > $path'"
	note put "$now" "${path#"$root"}"
	# VFs are for vfio-pci here: no kernel driver needs to look at them first
	if [ -e "$devices/$pf/sriov_drivers_autoprobe" ]; then
		note put "$(cat "$devices/$pf/sriov_drivers_autoprobe")" \
			"${devices#"$root"}/$pf/sriov_drivers_autoprobe"
		act "keep kernel drivers off new VFs of $pf" put 0 \
			"$devices/$pf/sriov_drivers_autoprobe"
	fi
	act "create $wanted VFs on $pf" put "$wanted" "$path"
	while [ $dry = no ] && [ "$(vfs_of "$pf" | wc -l)" -lt "$wanted" ]; do
		[ $waited -lt $((vf_deadline_s * 10)) ] || die "the VFs of $pf do not appear: see dmesg"
		sleep 0.1
		waited=$((waited + 1))
	done
}

step_bind()
{
	local bdf driver

	step_iommu
	for bdf; do
		device "$bdf"
		driver=$(driver_of "$bdf")
		if [ "$driver" = vfio-pci ]; then
			say "$bdf is bound to vfio-pci already"
			continue
		fi
		note bind "$driver" "$bdf"
		act "bind $bdf to vfio-pci (until now: $driver)" dpdk-devbind.py -b vfio-pci "$bdf"
	done
}

# Only if the file is there: resource0_wc is not, when the BAR is not prefetchable
own()
{
	local user=$1 file=$2

	[ -e "$file" ] || return 0
	case " $(stat -c '%U %u' "$file") " in
	*" $user "*) return 0 ;;
	esac
	note own "$(stat -c %u:%g "$file")" "${file#"$root"}"
	act "give ${file#"$root"} to $user" chown "$user" "$file"
}

step_permit()
{
	local user=$1 bdf group

	shift
	# a container may run as a number that no user has
	[[ $user =~ ^[0-9]+$ ]] || id -u -- "$user" > /dev/null 2>&1 || die "there is no user '$user'"
	for bdf; do
		device "$bdf"
		group=$(group_of "$bdf")
		[ "$group" != none ] || die "$bdf has no IOMMU group: see pio-setup.sh check"
		[ -e "$root/dev/vfio/$group" ] ||
			[ $dry = yes ] || die "$bdf is not bound to vfio-pci: pio-setup.sh bind $bdf"
		own "$user" "$root/dev/vfio/$group"
		own "$user" "$devices/$bdf/resource0"
		own "$user" "$devices/$bdf/resource0_wc"
	done
	say "$user also needs 'ulimit -l unlimited' and hugepages of its own (--huge-dir), or root"
}

step_all()
{
	local user=$1 pf=$2 wanted=$3

	step_iommu
	step_modules
	step_hugepages 512
	step_vfs "$pf" "$wanted"
	mapfile -t vfs < <(vfs_of "$pf")
	[ ${#vfs[@]} -gt 0 ] || { say "would bind and permit the new VFs"; return; }
	step_bind "${vfs[@]}"
	step_permit "$user" "${vfs[@]}"
}

undo_one()
{
	case $1 in
	put) act "write $2 to $3" put "$2" "$root$3" ;;
	own)
		if [ ! -e "$root$3" ]; then
			say "$3 is gone with its function"
			return
		fi
		act "give $3 back to $2" chown "$2" "$root$3"
		;;
	bind)
		if [ ! -e "$devices/$3" ]; then
			say "$3 is gone"
		elif [ "$(driver_of "$3")" = "$2" ]; then
			# its binding had failed
			say "$3 is as before"
		elif [ "$2" = none ]; then
			act "unbind $3" dpdk-devbind.py -u "$3"
		else
			act "bind $3 to $2" dpdk-devbind.py -b "$2" "$3"
		fi
		;;
	module) act "unload the module $2" modprobe -r "$2" ;;
	*) die "$notes: '$*' is not understood" ;;
	esac
}

# The newest note, then its line
undo_last()
{
	local line

	line=$(tail -n 1 "$notes")
	# words without blanks by construction
	undo_one $line
	sed -i '$d' "$notes"
}

step_undo()
{
	local line i

	if [ ! -s "$notes" ]; then
		say "nothing to undo"
		return
	fi
	if [ $dry = yes ]; then
		mapfile -t line < "$notes"
		for ((i = ${#line[@]} - 1; i >= 0; i--)); do
			undo_one ${line[i]}
		done
		return
	fi
	while [ -s "$notes" ]; do
		undo_last
	done
	rm -f "$notes"
}

[ "${1:-}" != --dry-run ] || { dry=yes; shift; }
[ $# -gt 0 ] || usage "a step is missing"
step=$1
shift
case $step:$# in
check:0 | modules:0 | undo:0 | hugepages:1 | vfs:2 | all:3) "step_$step" "$@" ;;
bind:[1-9]*) step_bind "$@" ;;
permit:[2-9]* | permit:1[0-9]*) step_permit "$@" ;;
check:* | modules:* | undo:*) usage "$step takes no arguments" ;;
hugepages:*) usage "hugepages needs one argument: N" ;;
vfs:*) usage "vfs needs two arguments: PF N" ;;
bind:*) usage "bind needs the functions: BDF..." ;;
permit:*) usage "permit needs a user and functions: USER BDF..." ;;
all:*) usage "all needs three arguments: USER PF N" ;;
*) usage "unknown step '$step'" ;;
esac
