/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pioemu_elf.h"

#if defined(__aarch64__)
#define ELF_MACHINE EM_AARCH64
#else
#define ELF_MACHINE EM_X86_64
#endif

struct elf_file {
	const uint8_t *data;
	size_t len;
};

/* A piece of the file, NULL when it is not all there */
static const void *
elf_at(const struct elf_file *f, uint64_t off, uint64_t len)
{
	return off <= f->len && len <= f->len - off ? f->data + off : NULL;
}

static const Elf64_Phdr *
elf_segment(const struct elf_file *f, const Elf64_Ehdr *head, unsigned int i)
{
	if (head->e_phentsize != sizeof(Elf64_Phdr))
		return NULL;
	return elf_at(f, head->e_phoff + (uint64_t)i * sizeof(Elf64_Phdr), sizeof(Elf64_Phdr));
}

/* The string at a virtual address, as the dynamic section has them */
static const char *
elf_string(const struct elf_file *f, const Elf64_Ehdr *head, uint64_t vaddr)
{
	const Elf64_Phdr *ph;
	unsigned int i;

	for (i = 0; i < head->e_phnum; i++) {
		ph = elf_segment(f, head, i);
		if (ph != NULL && ph->p_type == PT_LOAD && vaddr >= ph->p_vaddr &&
		    vaddr - ph->p_vaddr < ph->p_filesz) {
			uint64_t off = vaddr - ph->p_vaddr + ph->p_offset;
			const char *s = elf_at(f, off, 1);

			return s != NULL && memchr(s, '\0', f->len - off) != NULL ? s : NULL;
		}
	}
	return NULL;
}

static void
elf_needed(const struct elf_file *f, const Elf64_Ehdr *head, const Elf64_Phdr *dynamic,
	   struct pioemu_elf *info)
{
	const Elf64_Dyn *dyn = elf_at(f, dynamic->p_offset, dynamic->p_filesz);
	size_t nb = dynamic->p_filesz / sizeof(*dyn);
	uint64_t strtab = 0;
	const char *name;
	size_t i;

	for (i = 0; dyn != NULL && i < nb; i++)
		if (dyn[i].d_tag == DT_STRTAB)
			strtab = dyn[i].d_un.d_ptr;
	for (i = 0; dyn != NULL && i < nb; i++) {
		if (dyn[i].d_tag != DT_NEEDED)
			continue;
		name = elf_string(f, head, strtab + dyn[i].d_un.d_val);
		if (name != NULL && strncmp(name, "libasan.so", 10) == 0)
			snprintf(info->asan, sizeof(info->asan), "%s", name);
	}
}

static void
elf_parse(const struct elf_file *f, struct pioemu_elf *info)
{
	const Elf64_Ehdr *head = elf_at(f, 0, sizeof(*head));
	const Elf64_Phdr *ph;
	unsigned int i;

	if (head == NULL || memcmp(head->e_ident, ELFMAG, SELFMAG) != 0)
		return;
	info->elf = true;
	info->native = head->e_ident[EI_CLASS] == ELFCLASS64 && head->e_machine == ELF_MACHINE;
	if (!info->native)
		return;
	for (i = 0; i < head->e_phnum; i++) {
		ph = elf_segment(f, head, i);
		if (ph != NULL && ph->p_type == PT_INTERP)
			info->dynamic = true;
		if (ph != NULL && ph->p_type == PT_DYNAMIC)
			elf_needed(f, head, ph, info);
	}
}

int
pioemu_elf_read(const char *path, struct pioemu_elf *info)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct elf_file f;
	struct stat st;
	void *map;

	memset(info, 0, sizeof(*info));
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) != 0 || st.st_size == 0) {
		close(fd);
		return 0;
	}
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (map == MAP_FAILED)
		return -errno;
	f.data = map;
	f.len = (size_t)st.st_size;
	elf_parse(&f, info);
	munmap(map, f.len);
	return 0;
}
