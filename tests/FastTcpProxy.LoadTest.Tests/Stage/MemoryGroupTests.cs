using FastTcpProxy.LoadTest.Stage.Proxies;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.LoadTest.Tests.Stage;

public sealed class MemoryGroupTests
{
    private const string Version1 = "41 36 0:37 / /sys/fs/cgroup/memory rw,nosuid shared:17 - cgroup cgroup rw,memory";
    private const string Cpu = "40 36 0:36 / /sys/fs/cgroup/cpu rw,nosuid shared:16 - cgroup cgroup rw,cpu,cpuacct";
    private const string Version2 = "30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate";
    private const string Unified = "37 36 0:33 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw";

    [Theory]
    [InlineData("", Cpu)]
    [InlineData("/sys/fs/cgroup 2", Version2)]
    [InlineData("/sys/fs/cgroup/memory 1, /sys/fs/cgroup/unified 2", Unified, Cpu, Version1)]
    [InlineData("", "25 30 0:23 / /proc rw - proc", "", "nonsense - cgroup2")]
    public void Hierarchies_OfMounts_AreThoseWithMemory(string expected, params string[] mounts) =>
        Assert.Equal(expected, string.Join(", ", MemoryGroup.Hierarchies(mounts).Select(h => $"{h.Root} {(h.IsVersion2 ? 2 : 1)}")));

    [Fact]
    public async Task TryCreate_WhereItCan_LimitsAProcess_AndElseSaysWhy()
    {
        using MemoryGroup? group = MemoryGroup.TryCreate(64, out string? missing);
        if (group is null)
        {
            Assert.StartsWith("the proxy has no memory limit of 64 MiB, it runs without: ", missing, StringComparison.Ordinal);
            return;
        }
        Assert.Null(missing);
        string directory = Path.GetDirectoryName(group.ProcessesFile)!;
        ProcessResult result = await ChildProcess.RunAsync("/bin/sh", ["-c", "echo 0 > \"$0\" && grep -c . \"$0\"", group.ProcessesFile]);

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains(Directory.GetFiles(directory),
            f => Path.GetFileName(f) is "memory.max" or "memory.limit_in_bytes" && File.ReadAllText(f).Trim() == $"{64 << 20}");
        Assert.Equal(0, group.Killed);
        group.Dispose();
        Assert.False(Directory.Exists(directory));
    }
}
