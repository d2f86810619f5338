/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* What is told to people and to programs that watch: telemetry, the dump, xstats. */

#include <cstdlib>
#include <cstring>
#include <map>
#include <regex>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <rte_eal.h>

#include "observe.h"
#include "subject.h"

using pio::Frame;
using pio::MakeFrame;

namespace {

/* A client of EAL's telemetry, as dpdk-telemetry.py is one. */
class Telemetry {
public:
	Telemetry()
	{
		sockaddr_un addr = {};

		addr.sun_family = AF_UNIX;
		snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/dpdk_telemetry.v2",
			 rte_eal_get_runtime_dir());
		fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
		if (connect(fd, reinterpret_cast<sockaddr *>(&addr), sizeof(addr)) != 0) {
			close(fd);
			fd = -1;
			return;
		}
		Read(); /* its greeting */
	}

	~Telemetry()
	{
		if (fd >= 0)
			close(fd);
	}

	bool Connected() const { return fd >= 0; }

	/* The answer to "/pio/x,1", without the command that it repeats: "null" for a refusal. */
	std::string
	Ask(const std::string &query)
	{
		const std::string command = "{\"" + query.substr(0, query.find(',')) + "\":";

		if (write(fd, query.data(), query.size()) != (ssize_t)query.size())
			return "no connection";
		std::string answer = Read();
		if (answer.compare(0, command.size(), command) != 0)
			return "not an answer: " + answer;
		return answer.substr(command.size(), answer.size() - command.size() - 1);
	}

private:
	std::string
	Read()
	{
		std::string text(65536, '\0');

		ssize_t n = read(fd, &text[0], text.size());
		text.resize(n > 0 ? n : 0);
		return text;
	}

	int fd;
};

/* A number or a text of a flat JSON object; "" if there is none of that name. */
std::string
Field(const std::string &json, const std::string &name)
{
	std::smatch m;

	if (!std::regex_search(json, m, std::regex("\"" + name + "\": ?(\"([^\"]*)\"|-?[0-9]+)")))
		return "";
	return m[2].matched ? m[2].str() : m[1].str();
}

/* The texts of an array. */
std::vector<std::string>
Strings(const std::string &json)
{
	static const std::regex quoted("\"([^\"]*)\"");
	std::vector<std::string> all;

	for (std::sregex_iterator i(json.begin(), json.end(), quoted), end; i != end; ++i)
		all.push_back((*i)[1].str());
	return all;
}

/* Every counter of a queue, by the name that telemetry and xstats give it. */
std::map<std::string, uint64_t>
Counters(const rte_pio_queue_stats &s)
{
	std::map<std::string, uint64_t> all = {
		{ "packets", s.pio_packets }, { "bytes", s.pio_bytes },
		{ "ring_packets", s.ring_packets }, { "ring_bytes", s.ring_bytes },
		{ "template_packets", s.template_sends }, { "warms", s.warms },
		{ "template_updates", s.template_updates },
		{ "template_lines", s.template_lines },
	};

	for (int r = RTE_PIO_FB_NONE + 1; r < RTE_PIO_FB_MAX; r++) {
		const std::string name = rte_pio_fb_reason_name((rte_pio_fb_reason)r);

		all["fallback_" + name] = s.fallback[r];
		all["refused_" + name] = s.refused[r];
	}
	return all;
}

} /* namespace */

class Observe : public pio::ContractTest {
protected:
	void
	SetUp() override
	{
		ContractTest::SetUp();
		if (!telemetry.Connected())
			GTEST_SKIP() << "no telemetry: run with --observe";
	}

	/* A bit of everything on queue 0. */
	void
	Traffic()
	{
		t = Template(MakeFrame(100, 1), 1, 120);
		ASSERT_NE(t, nullptr);
		ASSERT_EQ(Send(MakeFrame(64, 2)), PioPath());
		ASSERT_EQ(Send(MakeFrame(900, 3)), RTE_PIO_BY_RING);
		ASSERT_EQ(rte_pio_template_update(t, 30, "abc", 3), 0);
		ASSERT_EQ(rte_pio_template_send(t, 0), PioPath());
		ASSERT_GE(rte_pio_warm(port, 0, 64), 0);
		ASSERT_EQ(Send(MakeFrame(1600, 4)), -EMSGSIZE);
		Take(3);
		Settle();
	}

	std::string Port() const { return std::to_string(port); }

	Telemetry telemetry;
	rte_pio_template *t = nullptr;
};

INSTANTIATE_TEST_SUITE_P(Contract, Observe, ::testing::ValuesIn(pio::AllSubjects()),
			 pio::SubjectName);

TEST_P(Observe, TelemetryListsPortsWithPioAndPortsThatOptedIn)
{
	ASSERT_NO_FATAL_FAILURE(Configure());
	EXPECT_EQ(telemetry.Ask("/pio/list"), subject->HasPio() ? "[" + Port() + "]" : "[]");
	Start();
	EXPECT_EQ(telemetry.Ask("/pio/list"), "[" + Port() + "]");
}

TEST_P(Observe, TelemetryTellsWhatInfoGetTells)
{
	Start();
	rte_pio_info info;
	ASSERT_EQ(rte_pio_info_get(port, &info), 0);
	const std::string json = telemetry.Ask("/pio/info," + Port());
	const std::map<std::string, std::string> want = {
		{ "port", Port() },
		{ "flags", std::to_string(info.flags) },
		{ "reason", rte_pio_fb_reason_name(info.reason) },
		{ "buf_size", std::to_string(info.buf_size) },
		{ "nb_bufs", std::to_string(info.nb_bufs) },
		{ "nb_bufs_free", std::to_string(info.nb_bufs_free) },
		{ "mem_total", std::to_string(info.mem_total) },
		{ "mem_free", std::to_string(info.mem_free) },
		{ "pio_frame_max", std::to_string(info.pio_frame_max) },
		{ "ring_frame_max", std::to_string(info.ring_frame_max) },
		{ "mtu", std::to_string(info.mtu) },
		{ "nb_queues_max", std::to_string(info.nb_queues_max) },
		{ "nb_queues", "1" },
		{ "store", rte_pio_store_kind_name(info.store) },
		{ "map", rte_pio_map_kind_name(info.map) },
		{ "pool", info.pool },
	};
	for (const auto &[name, value] : want)
		EXPECT_EQ(Field(json, name), value) << name << " of " << json;
	const std::vector<std::string> holders = Strings(json.substr(json.find("\"holders\"") + 9));
	if (!subject->HasPio()) {
		EXPECT_TRUE(holders.empty());
		return;
	}
	ASSERT_EQ(holders.size(), 1u);
	EXPECT_EQ(holders[0], "port " + Port() + " queue 0: " +
			      std::to_string(info.holders[0].mem) + " bytes, 0 templates");
}

TEST_P(Observe, TelemetryTellsWhatQueueInfoAndStatisticsTell)
{
	Start();
	ASSERT_NO_FATAL_FAILURE(Traffic());
	const rte_pio_queue_info qi = Queue();
	const std::string json = telemetry.Ask("/pio/queue," + Port() + ",0");
	const std::map<std::string, std::string> want = {
		{ "port", Port() }, { "queue", "0" },
		{ "state", rte_pio_queue_state_name(qi.state) },
		{ "reason", rte_pio_fb_reason_name(qi.reason) },
		{ "store", rte_pio_store_kind_name(qi.store) },
		{ "map", rte_pio_map_kind_name(qi.map) },
		{ "mem", std::to_string(qi.mem) },
		{ "slot_size", std::to_string(qi.slot_size) },
		{ "nb_slots", std::to_string(qi.nb_slots) },
		{ "threshold", std::to_string(qi.threshold) },
		{ "ring_frame_max", std::to_string(qi.ring_frame_max) },
		{ "mtu", std::to_string(qi.mtu) },
		{ "template_mem", std::to_string(qi.template_mem) },
		{ "template_mem_free", std::to_string(qi.template_mem_free) },
		{ "nb_templates", "1" },
	};
	for (const auto &[name, value] : want)
		EXPECT_EQ(Field(json, name), value) << name << " of " << json;
	const std::string stats = json.substr(json.find("\"stats\""));
	for (const auto &[name, value] : Counters(Stats()))
		EXPECT_EQ(Field(stats, name), std::to_string(value)) << name;
	EXPECT_EQ(Field(stats, "refused_len"), "1");
}

TEST_P(Observe, TelemetryShowsTemplates)
{
	Start();
	EXPECT_EQ(telemetry.Ask("/pio/templates," + Port() + ",0"), "[]");
	ASSERT_NO_FATAL_FAILURE(Traffic());
	const rte_pio_template_info info = Info(t);
	std::vector<std::string> list = Strings(telemetry.Ask("/pio/templates," + Port() + ",0"));
	ASSERT_EQ(list.size(), 1u);
	char want[256];
	snprintf(want, sizeof(want), "len 100 room 120 resident %d slots %u in_flight 0 sends %u "
		 "ring_sends %u updates 1 lines %u", info.resident, info.nb_slots,
		 (unsigned)info.sends, (unsigned)info.ring_sends, (unsigned)info.lines);
	EXPECT_EQ(list[0], want);
	templates.clear();
	ASSERT_EQ(rte_pio_template_free(t), 0);
	EXPECT_EQ(telemetry.Ask("/pio/templates," + Port() + ",0"), "[]");
}

TEST_P(Observe, TelemetryTellsTheMapping)
{
	Start();
	rte_pio_wc_info wc;
	ASSERT_EQ(rte_pio_wc_info_get(port, &wc), 0);
	if (subject->HasPio()) {
		ASSERT_EQ(rte_pio_wc_selftest(port, &wc), 0);
	}
	const std::string json = telemetry.Ask("/pio/wc," + Port());
	EXPECT_EQ(Field(json, "port"), Port());
	EXPECT_EQ(Field(json, "asked"), rte_pio_map_kind_name(wc.asked));
	EXPECT_EQ(Field(json, "granted"), rte_pio_map_kind_name(wc.granted));
	EXPECT_EQ(Field(json, "measured"), rte_pio_wc_verdict_name(wc.measured));
	EXPECT_EQ(Field(json, "store"), rte_pio_store_kind_name(wc.store));
	EXPECT_EQ(Field(json, "degraded"), std::to_string(wc.degraded));
	EXPECT_EQ(Field(json, "burst_ps"), std::to_string(wc.burst_ps));
	EXPECT_EQ(Field(json, "single_ps"), std::to_string(wc.single_ps));
	const std::vector<std::string> rungs = Strings(json.substr(json.find("\"rungs\"") + 7));
	ASSERT_EQ(rungs.size(), wc.nb_rungs);
	for (unsigned i = 0; i < wc.nb_rungs; i++) {
		const std::string what = wc.rungs[i].taken ? "in use" :
			std::string("refused: ") + wc.rungs[i].reason;
		EXPECT_EQ(rungs[i], std::string(wc.rungs[i].name) + ": " + what);
	}
}

TEST_P(Observe, TelemetryRefusesWhatItCannotAnswer)
{
	Start();
	for (const char *params : { "", ",", ",x", ",-1", ",65536", ",18446744073709551616", ",99",
				    ",0x0", ", 0", ",0,", ",0,0,0",
				    ",00000000000000000000000000000000000000000000000000" }) {
		for (const char *command : { "/pio/info", "/pio/queue", "/pio/templates",
					     "/pio/wc" })
			EXPECT_EQ(telemetry.Ask(std::string(command) + params), "null")
				<< command << params;
	}
	/* One parameter too few or too many. */
	EXPECT_EQ(telemetry.Ask("/pio/queue," + Port()), "null");
	EXPECT_EQ(telemetry.Ask("/pio/info," + Port() + ",0"), "null");
	/* A queue that does not exist. */
	EXPECT_EQ(telemetry.Ask("/pio/queue," + Port() + ",1"), "null");
	EXPECT_EQ(telemetry.Ask("/pio/templates," + Port() + ",1"), "null");
	/* All five are listed, with a text that names the parameters. */
	const std::string help = telemetry.Ask("/help,/pio/templates");
	EXPECT_NE(help.find("port_id, int queue_id"), std::string::npos) << help;
	const std::vector<std::string> commands = Strings(telemetry.Ask("/"));
	for (const char *command : { "/pio/list", "/pio/info", "/pio/queue", "/pio/templates",
				     "/pio/wc" })
		EXPECT_EQ(std::count(commands.begin(), commands.end(), command), 1) << command;
}

/* The dump, for people: everything above is in it. */

PIO_SUITE(Dump, AllSubjects);

static std::string
DumpOf(uint16_t port)
{
	char *text = nullptr;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);

	EXPECT_EQ(rte_pio_dump(f, port), 0);
	fclose(f);
	std::string s(text, size);
	free(text);
	return s;
}

TEST_P(Dump, HasQueuesCountersTemplatesMappingAndHolders)
{
	Start();
	rte_pio_template *t = Template(MakeFrame(100, 1), 1, 120);
	ASSERT_NE(t, nullptr);
	ASSERT_EQ(Send(MakeFrame(64, 2)), PioPath());
	ASSERT_EQ(Send(MakeFrame(900, 3)), RTE_PIO_BY_RING);
	Take(2);
	rte_pio_wc_info wc;
	ASSERT_EQ(rte_pio_wc_info_get(port, &wc), 0);
	const rte_pio_queue_info qi = Queue();
	const std::string text = DumpOf(port);
	std::vector<std::string> parts = {
		"port " + std::to_string(port) + " (",
		std::string("PIO: ") + (subject->HasPio() ? "yes" : "no"),
		"MTU 1500, longest frame 1518 by ring",
		std::string("queue 0: ") + rte_pio_queue_state_name(qi.state),
		"policy try, fallback ring",
		std::to_string(qi.mem) + " bytes: " + std::to_string(qi.nb_slots) + " slots of " +
			std::to_string(qi.slot_size),
		"100 bytes, room 120, ",
		std::string("granted ") + rte_pio_map_kind_name(wc.granted),
	};
	for (const auto &[name, value] : Counters(Stats())) {
		const std::string line = "    " + name + ": ";

		if (value != 0)
			parts.push_back(line + std::to_string(value) + "\n");
		else
			EXPECT_EQ(text.find(line), std::string::npos) << "zeros are no news";
	}
	for (unsigned i = 0; i < wc.nb_rungs; i++)
		parts.push_back(wc.rungs[i].name);
	if (subject->HasPio()) {
		parts.push_back("1 holders\n    port " + std::to_string(port) + " queue 0: " +
				std::to_string(qi.mem) + " bytes, 1 templates");
		ASSERT_EQ(rte_pio_wc_selftest(port, &wc), 0);
		EXPECT_EQ(text.find("self-test"), std::string::npos);
		EXPECT_NE(DumpOf(port).find("self-test: 64 bytes"), std::string::npos);
	} else {
		parts.push_back("reason no_driver");
		parts.push_back("refused: ");
	}
	for (const std::string &part : parts)
		EXPECT_NE(text.find(part), std::string::npos) << part << "\nis not in\n" << text;
}

TEST_P(Dump, SaysNothingOfQueuesWithoutOptIn)
{
	ASSERT_NO_FATAL_FAILURE(Configure(2));
	EXPECT_EQ(DumpOf(port).find("queue "), std::string::npos);
	EXPECT_NE(DumpOf(port).find("port "), std::string::npos);
}

/* xstats: the helper's names and values, through ethdev. */

PIO_SUITE(Xstats, PioSubjects);

static std::map<std::string, uint64_t>
XstatsOf(uint16_t port)
{
	std::map<std::string, uint64_t> all;
	const int nb = rte_eth_xstats_get_names(port, nullptr, 0);
	std::vector<rte_eth_xstat_name> names(nb);
	std::vector<rte_eth_xstat> values(nb);

	EXPECT_EQ(rte_eth_xstats_get_names(port, names.data(), nb), nb);
	EXPECT_EQ(rte_eth_xstats_get(port, values.data(), nb), nb);
	for (int i = 0; i < nb; i++) {
		EXPECT_EQ(values[i].id, (uint64_t)i);
		EXPECT_TRUE(all.emplace(names[i].name, values[i].value).second)
			<< names[i].name << " twice";
	}
	return all;
}

TEST_P(Xstats, AreTheStatisticsByNameForPortAndQueues)
{
	ASSERT_NO_FATAL_FAILURE(Configure(3));
	const auto without = XstatsOf(port);
	for (const auto &[name, value] : Counters({})) {
		EXPECT_EQ(without.count("tx_pio_" + name), 1u);
		EXPECT_EQ(without.count("tx_q2_pio_" + name), 0u) << "not opted in";
	}
	rte_pio_queue_conf conf = Conf();
	ASSERT_EQ(rte_pio_queue_setup(port, 2, &conf), 0);
	Start();
	ASSERT_EQ(Send(MakeFrame(64, 1)), RTE_PIO_BY_PIO);
	ASSERT_EQ(Send(MakeFrame(900, 2)), RTE_PIO_BY_RING);
	const Frame f = MakeFrame(77, 3);
	ASSERT_EQ(rte_pio_send(port, 2, f.data(), 77, 0), RTE_PIO_BY_PIO);
	ASSERT_EQ(rte_pio_send(port, 2, f.data(), 13, 0), -EINVAL);
	Take(3);
	const auto x = XstatsOf(port);
	EXPECT_EQ(x.size(), without.size() + 2 * Counters({}).size());
	const auto zero = Counters(Stats(0)), two = Counters(Stats(2));
	for (const auto &[name, value] : zero) {
		EXPECT_EQ(x.at("tx_q0_pio_" + name), value) << name;
		EXPECT_EQ(x.at("tx_q2_pio_" + name), two.at(name)) << name;
		EXPECT_EQ(x.at("tx_pio_" + name), value + two.at(name)) << name;
		EXPECT_EQ(x.count("tx_q1_pio_" + name), 0u) << "not opted in";
	}
	EXPECT_EQ(x.at("tx_pio_packets"), 2u);
	EXPECT_EQ(x.at("tx_pio_bytes"), 64u + 77);
	EXPECT_EQ(x.at("tx_q0_pio_fallback_len"), 1u);

	ASSERT_EQ(rte_eth_xstats_reset(port), 0);
	for (const auto &[name, value] : Counters(Stats(2)))
		EXPECT_EQ(value, 0u) << name;
	for (const auto &[name, value] : XstatsOf(port)) {
		if (name.find("_pio_") != std::string::npos) {
			EXPECT_EQ(value, 0u) << name;
		}
	}
}

TEST_P(Xstats, TheHelperNeverFillsMoreThanTheRoom)
{
	Start();
	ASSERT_EQ(Send(MakeFrame(64, 1)), RTE_PIO_BY_PIO);
	Take(1);
	const unsigned nb = pio_observe_xstats_count(port);
	ASSERT_EQ(nb, 2 * Counters({}).size());
	for (unsigned room : { 0u, 1u, nb / 2, nb / 2 + 1, nb - 1, nb }) {
		std::vector<rte_eth_xstat_name> names(nb);
		std::vector<uint64_t> values(nb, 12345);

		EXPECT_EQ(pio_observe_xstats_names_get(port, names.data(), room), nb);
		EXPECT_EQ(pio_observe_xstats_get(port, values.data(), room), nb);
		for (unsigned i = 0; i < nb; i++) {
			EXPECT_EQ(names[i].name[0] != '\0', i < room);
			EXPECT_EQ(values[i] != 12345, i < room) << i << " of " << room;
		}
		/* The first is the port's count of PIO frames. */
		if (room > 0) {
			EXPECT_STREQ(names[0].name, "tx_pio_packets");
			EXPECT_EQ(values[0], 1u);
		}
	}
	EXPECT_EQ(pio_observe_xstats_names_get(port, nullptr, 0), nb);
}
