using System.Globalization;
using FastTcpProxy.Daemon.Tests.Admin;
using FastTcpProxy.Daemon.Tests.Metrics;
using FastTcpProxy.Testing.Peers;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Logs;

/// <summary>Rotations of the session log's file: the real program, and logrotate. Each test owns its processes.</summary>
public sealed class RotationTests
{
    private const int Rotations = 5, VisitsMin = 200;

    private const string Target = "\"target\": \"file:{0}\"";

    [Theory]
    // The signal is not waited for: what is written until it is handled goes to the old file, which must not be compressed yet.
    [InlineData("create", "delaycompress", "kill -HUP {0}")]
    // What came after the command to the old file would be lost with it.
    [InlineData("nocreate", "nodelaycompress", "{1} log reopen --socket {2}")]
    public async Task Logrotate_UnderLoad_NoLineIsLostOrDoubled(string create, string delay, string notify)
    {
        RequiresPeer.Logrotate();
        await using LogBed bed = new();
        bed.Configure(string.Format(CultureInfo.InvariantCulture, Target, bed.FilePath));
        ChildProcess proxy = await bed.StartAsync();
        string command = string.Format(CultureInfo.InvariantCulture, notify, proxy.Id, ProxyExecutable.FilePath, bed.AdminSocket);
        string rules = bed.Folder.Write("rotate.conf", $$"""
            {{bed.FilePath}} {
              rotate 20
              {{create}}
              compress
              {{delay}}
              su root root
              postrotate
                {{command}}
              endscript
            }
            """);
        File.SetUnixFileMode(rules, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        using CancellationTokenSource enough = new();
        Task<int> load = Task.Run(async () =>
        {
            int visits = 0;
            for (; visits < VisitsMin || !enough.IsCancellationRequested; visits++) await bed.VisitAsync();
            return visits;
        });
        for (int i = 0; i < Rotations; i++)
        {
            await Eventually.HoldsAsync(() => File.Exists(bed.FilePath) && new FileInfo(bed.FilePath).Length > 0,
                "there is something to rotate");
            ProcessResult result = await ChildProcess.RunAsync(RequiresPeer.LogrotatePath, ["-f", "-s", bed.Folder["state"], rules]);
            Assert.True(result.ExitCode == 0, result.Error + result.Output);
        }
        await enough.CancelAsync();
        int visits = await load;
        proxy.Signal(UnixSignal.Terminate);
        Assert.Equal(0, await proxy.WaitForExitAsync());

        string all = (await ChildProcess.RunAsync("/bin/sh", ["-c", $"zcat -f {bed.FilePath}*"])).Output;
        List<string> ids = LogBed.Ids(all);
        Assert.Equal(visits, ids.Count);
        Assert.Equal(visits, ids.Distinct().Count());
    }

    [Fact]
    public async Task Hup_ReloadIsRefused_TheFileIsOpenedAgainNevertheless()
    {
        await using LogBed bed = new();
        string keys = string.Format(CultureInfo.InvariantCulture, Target, bed.FilePath);
        bed.Configure(keys);
        ChildProcess proxy = await bed.StartAsync();
        await bed.VisitAsync();
        await Eventually.HoldsAsync(() => File.ReadAllText(bed.FilePath).Length > 0, "the session is logged");
        File.Move(bed.FilePath, bed.FilePath + ".1");
        bed.Configure(keys + ", \"fault\": 1");

        proxy.Signal(UnixSignal.Hangup);

        await proxy.Error.WaitForLineAsync(l => l.Contains($" info 6224 session log: {bed.FilePath} was opened again by SIGHUP"), "opened");
        await proxy.Error.WaitForLineAsync(l => l.Contains(" 6111 "), "the reload is refused");
        await bed.VisitAsync();
        await Eventually.HoldsAsync(() => File.ReadAllText(bed.FilePath).Length > 0, "the new file is written");
        Assert.Single(LogBed.Ids(File.ReadAllText(bed.FilePath + ".1")));
    }

    [Fact]
    public async Task Reload_OtherTargetAndFormat_EverySessionIsInOneOfThem()
    {
        await using LogBed bed = new();
        bed.Configure(string.Format(CultureInfo.InvariantCulture, Target, bed.FilePath));
        ChildProcess proxy = await bed.StartAsync();
        await bed.VisitAsync(3);
        bed.Configure($"\"format\": \"tcplog\", \"target\": \"file:{bed.Folder["second.log"]}\"");
        Assert.Equal(0, (await bed.RunAsync("reload")).ExitCode);
        await bed.VisitAsync(2);
        bed.Configure("\"format\": \"json\", \"target\": \"file:/no/such/folder/s.log\"");
        ProcessResult refused = await bed.RunAsync("reload");
        proxy.Signal(UnixSignal.Terminate);
        Assert.Equal(0, await proxy.WaitForExitAsync());

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("C064: log.target: the directory /no/such/folder does not exist", refused.Error);
        int second = File.ReadAllLines(bed.Folder["second.log"]).Length;
        // A session that closed just before the reload may be written by either.
        Assert.InRange(second, 2, 5);
        Assert.Equal(5, second + LogBed.Ids(File.ReadAllText(bed.FilePath)).Count);
    }

    [Fact]
    public async Task TakeOver_BothAppend_LinesAreWholeAndIdsDiffer()
    {
        await using LogBed bed = new();
        bed.Configure(string.Format(CultureInfo.InvariantCulture, Target, bed.FilePath));
        ChildProcess first = await bed.StartAsync();
        await bed.VisitAsync(50);
        ChildProcess next = await bed.StartAsync(arguments: "--take-over");
        await next.Error.WaitForLineAsync(l => l.Contains(" 7005 "), "it has taken over");
        await bed.VisitAsync(50);
        Assert.Equal(0, await first.WaitForExitAsync());
        await Eventually.HoldsAsync(() => File.ReadAllLines(bed.FilePath).Length >= 60, "both have written");
        next.Signal(UnixSignal.Kill);
        await next.WaitForExitAsync();

        string[] lines = File.ReadAllText(bed.FilePath).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        // The last lines of a process that is killed may be missing, and one may be torn.
        List<string> ids = LogBed.Ids(string.Join('\n', lines[..^1]));
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.Equal(2, ids.Select(id => id.Split('-')[0]).Distinct().Count());
    }

    [Fact]
    public async Task FullDisk_RecordsAreCounted_AndLinesComeAgainWithRoom()
    {
        RequiresPeer.Require(Environment.IsPrivilegedProcess, "a small file system needs root");
        await using LogBed bed = new();
        string disk = bed.Folder.MakeFolder("disk"), file = Path.Combine(disk, "s.log");
        bed.Configure($"\"target\": \"file:{file}\"");
        // Made in mounts of its own; its files are seen through the process.
        ChildProcess proxy = await bed.StartAsync(
            $"mount -t tmpfs -o size=16k tmpfs {disk}; head -c 12000 /dev/zero > {disk}/ballast");
        string seen = $"/proc/{proxy.Id}/root{file}";

        await bed.VisitAsync(60);
        string line = await proxy.Error.WaitForLineAsync(l => l.Contains(" 4004 "), "the loss is said");
        Assert.Contains($"the file {file} failed (No space left on device)", line);
        File.Delete($"/proc/{proxy.Id}/root{disk}/ballast");
        int before = File.ReadAllLines(seen).Length;
        await bed.VisitAsync(3);

        await Eventually.HoldsAsync(() => File.ReadAllLines(seen).Length >= before + 3, "lines come again");
        string[] lines = File.ReadAllLines(seen);
        Assert.All(lines[before..].Where(l => l.Length > 0).TakeLast(3), l => Assert.EndsWith("}", l));
        // Each session is either a whole line or counted as lost.
        PrometheusSamples page = new((await Curl.RunAsync(bed.AdminSocket, "/metrics")).Output + "\n");
        Assert.Equal(63, lines.Count(l => l.EndsWith('}')) + page["fasttcpproxy_log_records_lost_total{}"]);
    }
}
