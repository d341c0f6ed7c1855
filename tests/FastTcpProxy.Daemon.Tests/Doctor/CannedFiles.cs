using System.Collections.Immutable;
using FastTcpProxy.Daemon.Kernel;

namespace FastTcpProxy.Daemon.Tests.Doctor;

/// <summary>The files of a machine on which nothing is wrong, with changes. Immutable.</summary>
internal sealed class CannedFiles : ISystemFiles
{
    private const string Netstat = "TcpExt: SyncookiesSent ListenOverflows ListenDrops TCPTimeWaitOverflow\nTcpExt: 0 0 0 0\n";

    private readonly ImmutableDictionary<string, string?> _files;

    private CannedFiles(ImmutableDictionary<string, string?> files) => _files = files;

    /// <summary>No file at all, as in a container without /proc/sys and /sys.</summary>
    public static CannedFiles None { get; } = new(ImmutableDictionary.Create<string, string?>(StringComparer.Ordinal));

    public static CannedFiles Healthy { get; } = None
        .With("/proc/sys/net/core/somaxconn", "4096\n")
        .With("/proc/sys/net/ipv4/tcp_syncookies", "1\n")
        .With("/proc/sys/net/ipv4/tcp_max_syn_backlog", "4096\n")
        .With("/proc/sys/net/ipv4/ip_local_port_range", "10000\t65535\n")
        .With("/proc/sys/net/ipv4/ip_local_reserved_ports", "\n")
        .With("/proc/sys/net/ipv4/ip_unprivileged_port_start", "1024\n")
        .With("/proc/sys/net/ipv4/tcp_tw_reuse", "2\n")
        .With("/proc/sys/net/ipv4/tcp_max_tw_buckets", "131072\n")
        .With("/proc/sys/net/ipv4/tcp_mem", "300000 400000 600000\n")
        .With("/proc/sys/net/ipv4/tcp_rmem", "4096 131072 1048576\n")
        .With("/proc/sys/net/ipv4/tcp_wmem", "4096 16384 1048576\n")
        .With("/proc/sys/net/ipv6/conf/all/disable_ipv6", "0\n")
        .With("/proc/net/netstat", Netstat)
        .With("/proc/net/sockstat", "sockets: used 9\nTCP: inuse 5 orphan 0 tw 3 alloc 8 mem 100\n")
        .With("/proc/sys/vm/overcommit_memory", "0\n")
        .With("/proc/meminfo", "MemTotal: 8000000 kB\nSwapTotal: 1000000 kB\nSwapFree: 1000000 kB\n")
        .With("/proc/self/cgroup", "0::/user.slice\n")
        .With("/sys/fs/cgroup/user.slice/memory.max", "max\n")
        .With("/sys/fs/cgroup/user.slice/pids.max", "max\n")
        .With("/sys/fs/cgroup/user.slice/pids.current", "5\n")
        .With("/sys/fs/cgroup/user.slice/cpu.max", "max 100000\n")
        .With("/proc/self/status", "Name: x\nCapEff:\t0000000000000000\n")
        .With("/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n")
        .With("/sys/devices/system/cpu/online", "0-1\n")
        .With("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n")
        .With("/sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "schedutil\n")
        .With("/sys/class/net/eth0/operstate", "up\n")
        .With("/sys/class/net/eth0/device/vendor", "0x8086\n")
        .With("/sys/class/net/eth0/queues/rx-0/rps_cpus", "00\n")
        .With("/sys/class/net/eth0/queues/rx-1/rps_cpus", "00\n")
        .With("/proc/interrupts", "      CPU0 CPU1\n 30:  1  2  PCI-MSI 1-edge eth0-TxRx-0\n 31:  1  2  PCI-MSI 2-edge eth0-TxRx-1\n")
        .With("/proc/irq/30/effective_affinity_list", "0\n")
        .With("/proc/irq/31/effective_affinity_list", "1\n")
        .With("/proc/sys/kernel/osrelease", "6.1.0-13-amd64\n");

    /// <param name="text">Null: only root may read it.</param>
    public CannedFiles With(string path, string? text) => new(_files.SetItem(path, text));

    public CannedFiles Without(string path) => new(_files.RemoveRange(_files.Keys.Where(k => k == path
        || k.StartsWith(path + "/", StringComparison.Ordinal))));

    public FileText Read(string path) => !_files.TryGetValue(path, out string? text) ? FileText.Missing
        : text is null ? FileText.Denied : new FileText(text);

    public ImmutableArray<string> List(string folder) =>
    [
        .. _files.Keys.Where(k => k.StartsWith(folder + "/", StringComparison.Ordinal)).Select(k => k[(folder.Length + 1)..].Split('/')[0])
            .Distinct().Order(StringComparer.Ordinal),
    ];
}
