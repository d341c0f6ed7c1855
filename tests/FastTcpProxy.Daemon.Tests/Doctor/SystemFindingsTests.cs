using System.Collections.Immutable;
using System.Text;
using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Daemon.Cli.Machine;
using FastTcpProxy.Daemon.Kernel;

namespace FastTcpProxy.Daemon.Tests.Doctor;

/// <summary>Each finding about the machine, on files of a test: seen where the fault is, and nowhere else.</summary>
public sealed class SystemFindingsTests
{
    private const string Net = "/proc/sys/net/", Group = "/sys/fs/cgroup/user.slice/", Unit = "/etc/systemd/system/fasttcpproxy.service";

    private const string UnitText = "[Service]\nUser=fasttcpproxy\nLimitNOFILE=1048576\nTimeoutStopSec=45s\n";

    private static readonly DateTime Now = new(2026, 5, 1, 0, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void Machine_WithoutFault_HasNothingButOk()
    {
        ImmutableArray<MachineFinding> findings = Find(CannedFiles.Healthy);

        Assert.Equal("", string.Join('\n', findings.Where(f => f.Severity != MachineSeverity.Ok)));
        Assert.True(findings.Length > 25, $"{findings.Length} findings");
    }

    [Theory]
    [InlineData("M104", "warning", Net + "core/somaxconn", "128", "to 128 clients", "sysctl -w net.core.somaxconn=4096")]
    [InlineData("M301", "note", Net + "ipv4/tcp_max_syn_backlog", "512", "512 handshakes", "sysctl -w net.ipv4.tcp_max_syn_backlog=4096")]
    [InlineData("M302", "warning", Net + "ipv4/tcp_syncookies", "0", "off", "sysctl -w net.ipv4.tcp_syncookies=1")]
    [InlineData("M302", "note", Net + "ipv4/tcp_syncookies", "2", "always", "sysctl -w net.ipv4.tcp_syncookies=1")]
    [InlineData("M303", "warning", Net + "ipv4/ip_local_port_range", "2000 65535", "listens on 2525",
        "sysctl -w net.ipv4.ip_local_reserved_ports='2525'")]
    [InlineData("M103", "warning", Net + "ipv4/ip_local_port_range", "40000 40009", "local ports for 10 ",
        "sysctl -w net.ipv4.ip_local_port_range='10000 65535'")]
    [InlineData("M304", "note", Net + "ipv4/tcp_tw_reuse", "0", "off", "sysctl -w net.ipv4.tcp_tw_reuse=2")]
    [InlineData("M305", "warning", Net + "ipv4/tcp_max_tw_buckets", "100", "100 buckets, 3 in use", "sysctl -w ")]
    [InlineData("M305", "warning", "/proc/net/netstat", "TcpExt: TCPTimeWaitOverflow\nTcpExt: 7\n", "full 7 times", "sysctl -w ")]
    [InlineData("M306", "error", Net + "netfilter/nf_conntrack_max", "100", "90 of 100", "sysctl -w net.netfilter.nf_conntrack_max=")]
    [InlineData("M306", "warning", Net + "netfilter/nf_conntrack_max", "1000", "90 of 1000", "sysctl -w ")]
    [InlineData("M307", "note", Net + "netfilter/nf_conntrack_buckets", "10", "10 buckets for 262144", "sysctl -w net.netfilter.")]
    [InlineData("M308", "warning", Net + "ipv4/tcp_mem", "10 90 200", "in use of", "ss -tnm")]
    [InlineData("M308", "error", Net + "ipv4/tcp_mem", "10 60 120", "in use of", "ss -tnm")]
    [InlineData("M308", "note", Net + "ipv4/tcp_rmem", "4096 131072 33554432", "do not read could hold", "sysctl -w net.ipv4.tcp_rmem=")]
    [InlineData("M309", "warning", Net + "ipv4/tcp_wmem", "4096 16384 65536", "64 KiB", "sysctl -w net.ipv4.tcp_wmem=")]
    [InlineData("M401", "warning", Group + "memory.max", "20000000", "19 MiB for this session", "systemctl set-property")]
    [InlineData("M401", "warning", "/sys/fs/cgroup/memory.high", "20000000", "/sys/fs/cgroup/memory.high", "systemctl set-property")]
    [InlineData("M401", "warning", Group + "memory.events", "low 0\nhigh 0\noom_kill 2\n", "2 processes were killed", "systemctl ")]
    [InlineData("M401", "warning", Group + "memory.events", "low 0\nhigh 9\noom_kill 0\n", "slowed down 9 times", "systemctl ")]
    [InlineData("M402", "error", Group + "pids.max", "20", "20 for this session", "systemctl set-property fasttcpproxy TasksMax=")]
    [InlineData("M402", "error", Group + "pids.events", "max 3\n", "3 threads or processes were refused", "systemctl ")]
    [InlineData("M403", "warning", Group + "cpu.max", "50000 100000", "0.5 CPUs", "systemctl set-property fasttcpproxy CPUQuota=200%")]
    [InlineData("M403", "warning", Group + "cpu.stat", "usage_usec 5\nnr_throttled 4\n", "throttled 4 times", "systemctl ")]
    [InlineData("M404", "warning", "/proc/sys/vm/overcommit_memory", "2", "strict", "sysctl -w vm.overcommit_memory=0")]
    [InlineData("M405", "note", "/proc/meminfo", "SwapTotal: 1000000 kB\nSwapFree: 1000 kB\n", "in use", "sysctl -w vm.swappiness=1")]
    [InlineData("M407", "warning", Unit + ".d/few.conf", "[Service]\nLimitNOFILE=1024:1200\n", "LimitNOFILE is 1200", "systemctl edit")]
    [InlineData("M408", "warning", Unit, "[Service]\nUser=x\nLimitNOFILE=infinity\nTimeoutStopSec=20\n", "is 20, ", "systemctl edit")]
    [InlineData("M501", "note", "/sys/kernel/mm/transparent_hugepage/enabled", "[always] madvise never", "always", "echo madvise >")]
    [InlineData("M502", "note", "/sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "powersave", "powersave", "cpupower ")]
    [InlineData("M503", "warning", "/proc/irq/31/effective_affinity_list", "0", "2 interrupts on CPU 0", "echo 0 > /proc/irq/30/")]
    [InlineData("M504", "note", "/sys/devices/system/cpu/online", "0-7", "2 queues for 8 CPUs", "ethtool -L eth0 combined 8")]
    [InlineData("M507", "warning", "/proc/sys/kernel/osrelease", "4.4.0-1", "4.4.0-1", "a newer kernel")]
    public void Machine_WithFault_SaysWhatIsFoundAndHowToChangeIt(string code, string severity, string path, string text, string found,
        string change)
    {
        CannedFiles files = CannedFiles.Healthy;
        if (code.StartsWith("M40", StringComparison.Ordinal)) files = files.With(Unit, UnitText);
        if (code == "M307") files = files.With(Net + "netfilter/nf_conntrack_max", "262144");
        if (code == "M306") files = files.With(Net + "netfilter/nf_conntrack_count", "90");

        MachineFinding finding = Assert.Single(Find(files.With(path, text)), f => f.Rule.Code == code && f.Severity != MachineSeverity.Ok);

        Assert.Equal(severity, finding.SeverityWord);
        Assert.Contains(found, finding.Found);
        Assert.StartsWith(change, finding.Change.IsEmpty ? "" : finding.Change[0]);
        Assert.True(finding.Severity <= finding.Rule.Worst, $"{code} is {finding.SeverityWord}, the table says {finding.Rule.Worst}");
    }

    /// <summary>Version 1: a folder for each controller.</summary>
    [Theory]
    [InlineData("M401", "/sys/fs/cgroup/memory/box/memory.limit_in_bytes", "20000000")]
    [InlineData("M402", "/sys/fs/cgroup/pids/box/pids.max", "20")]
    [InlineData("M403", "/sys/fs/cgroup/cpu/box/cpu.cfs_quota_us", "50000")]
    [InlineData("M403", "/sys/fs/cgroup/cpu/box/cpu.stat", "nr_periods 5\nnr_throttled 4\n")]
    public void Cgroup_OfVersion1_IsRead(string code, string path, string text)
    {
        CannedFiles files = CannedFiles.Healthy.Without("/sys/fs/cgroup").With("/sys/fs/cgroup/unified/cgroup.procs", "")
            .With("/proc/self/cgroup", "3:memory:/box\n2:pids:/box\n1:cpu,cpuacct:/box\n0::/\n")
            .With("/sys/fs/cgroup/memory/box/memory.limit_in_bytes", "9223372036854771712")
            .With("/sys/fs/cgroup/cpu/box/cpu.cfs_period_us", "100000").With("/sys/fs/cgroup/cpu/box/cpu.cfs_quota_us", "-1");

        Assert.DoesNotContain(Find(files), f => f.Severity != MachineSeverity.Ok);
        Assert.Single(Find(files.With(path, text)), f => f.Rule.Code == code && f.Severity > MachineSeverity.Note);
    }

    [Theory]
    [InlineData("User=proxy", "0000000000000000", "error")]
    [InlineData("User=proxy\nAmbientCapabilities=CAP_NET_BIND_SERVICE", "0000000000000000", "ok")]
    [InlineData("DynamicUser=yes\nAmbientCapabilities=CAP_CHOWN CAP_NET_BIND_SERVICE", "0000000000000000", "ok")]
    [InlineData("DynamicUser=yes", "000001ffffffffff", "error")]
    [InlineData("ExecStart=/bin/x", "0000000000000000", "ok")]
    [InlineData(null, "0000000000000000", "error")]
    [InlineData(null, "0000000000000400", "ok")]
    public void LowPort_NeedsTheCapabilityOfTheUnitOrOfThisUser(string? unit, string capabilities, string severity)
    {
        CannedFiles files = CannedFiles.Healthy.With("/proc/self/status", $"CapEff:\t{capabilities}\n");
        if (unit is not null) files = files.With(Unit, "[Service]\n" + unit);

        MachineFinding finding = Assert.Single(Find(files, listen: "127.0.0.1:25"), f => f.Rule == MachineRules.LowPorts);

        Assert.Equal(severity, finding.SeverityWord);
    }

    [Theory]
    [InlineData("2026-05-01", false, "M505", "warning")]
    [InlineData("1970-01-02", true, "M506", "error")]
    [InlineData("2060-01-01", true, "M506", "error")]
    public void Clock_OutOfTime_IsFound(string now, bool isSynchronised, string code, string severity)
    {
        DateTime time = DateTime.Parse(now, null, System.Globalization.DateTimeStyles.AdjustToUniversal);

        Assert.Contains(Find(CannedFiles.Healthy, clock: new ClockState(isSynchronised, 5), now: time),
            f => f.Rule.Code == code && f.SeverityWord == severity);
    }

    /// <summary>What cannot be read is told so, and never taken for good.</summary>
    [Fact]
    public void Files_Missing_AreNotKnownAndNeverOk()
    {
        ImmutableArray<MachineFinding> findings = Find(CannedFiles.None, clock: null);

        string[] known = [.. findings.Where(f => f.IsKnown && f.Severity == MachineSeverity.Ok).Select(f => f.Rule.Code).Distinct()];
        // The clock's time, and that there is no unit and no low port, are known without files.
        Assert.Equal(["M406", "M407", "M408", "M506"], known.Order());
        Assert.All(findings.Where(f => !f.IsKnown), f => Assert.Equal(MachineSeverity.Note, f.Severity));
        Assert.Contains(findings, f => f.Found == "not known: there is no /proc/sys/net/core/somaxconn here");
    }

    [Theory]
    [InlineData("M104", Net + "core/somaxconn")]
    [InlineData("M302", Net + "ipv4/tcp_syncookies")]
    [InlineData("M306", Net + "netfilter/nf_conntrack_max")]
    [InlineData("M501", "/sys/kernel/mm/transparent_hugepage/enabled")]
    public void File_OfRoot_IsNotKnownToOthers(string code, string path)
    {
        MachineFinding finding = Assert.Single(Find(CannedFiles.Healthy.With(path, null)), f => f.Rule.Code == code);

        Assert.Equal($"not known: needs root ({path})", finding.Found);
        Assert.Equal((false, MachineSeverity.Note), (finding.IsKnown, finding.Severity));
    }

    [Theory]
    [InlineData(0, 0, "ok")]
    [InlineData(5, 5, "note")]
    [InlineData(5, 8, "error")]
    public void Overflows_SinceTheBootAndNow_AreToldApart(int before, int after, string severity) => Assert.Equal(severity,
        NetworkChecks.OfOverflows(new NetCounters(before, 0, 0), new NetCounters(after, 0, 0), TimeSpan.FromSeconds(1)).SeverityWord);

    /// <summary>With the usual range, engine.maxSessions is no demand on one address.</summary>
    [Fact]
    public void Ports_OfTheUsualRange_AreANoteForManySessions() => Assert.Equal("note",
        Assert.Single(Find(CannedFiles.Healthy.With(Net + "ipv4/ip_local_port_range", "32768 60999"), sessions: 65_536),
            f => f.Rule == MachineRules.FewLocalPorts).SeverityWord);

    [Fact]
    public void Ports_Reserved_AreNeitherMissedNorCounted()
    {
        CannedFiles files = CannedFiles.Healthy.With(Net + "ipv4/ip_local_port_range", "2000 2999")
            .With(Net + "ipv4/ip_local_reserved_ports", "80,2500-2599,70000x\n");

        ImmutableArray<MachineFinding> findings = Find(files);

        Assert.Contains(findings, f => f.Rule == MachineRules.UnreservedPorts && f.Severity == MachineSeverity.Ok);
        Assert.Contains(findings, f => f.Rule == MachineRules.FewLocalPorts && f.Found.Contains("local ports for 900 "));
    }

    private static ImmutableArray<MachineFinding> Find(CannedFiles files, string listen = "127.0.0.1:2525", ClockState? clock = null,
        DateTime? now = null, int sessions = 700)
    {
        byte[] text = Encoding.UTF8.GetBytes($$"""
            { "services": [{ "name": "s", "mode": "raw", "listen": ["{{listen}}"], "upstreams": [{ "address": "127.0.0.1:1" }] }],
              "engine": { "threads": 2, "maxSessions": {{sessions}} } }
            """);
        MachineContext context = new(ConfigurationLoader.Parse(text, "proxy.json").Configuration!, text, "proxy.json")
        {
            Files = files, Open = 100, Clock = clock ?? (files == CannedFiles.None ? null : new ClockState(true, 5)),
            UtcNow = now ?? Now, BuiltAt = Now.AddDays(-30),
        };
        return MachineCheck.Find(context, MachineCheck.OfSystem.AddRange(LimitChecks.FindPorts, LimitChecks.FindAcceptQueue));
    }
}
