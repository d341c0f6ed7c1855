using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Daemon.Tests.Upgrade;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Transport.Linux;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Cli;

/// <summary>
/// <c>check --machine</c> makes nothing that could outlive it, and binds nothing that stays. Real processes; each test owns its folder.
/// </summary>
public sealed class MachineCheckEndTests : IDisposable
{
    /// <summary>What makes, changes, locks or listens.</summary>
    private const string Makers = "openat,open,creat,mkdir,mkdirat,unlink,unlinkat,rename,renameat,renameat2,mknod,mknodat,symlink,"
        + "symlinkat,link,linkat,chmod,fchmod,fchmodat,chown,fchown,fchownat,flock,bind,listen";

    private readonly TempFolder _folder = new("machine");
    private readonly IPEndPoint _first = FreePort.Loopback(), _second = FreePort.Loopback();

    public MachineCheckEndTests() => _folder.Write("proxy.json", $$"""
        {
          "services": [{
            "name": "s", "mode": "raw", "listen": ["{{_first}}", "{{_second}}", "unix:{{_folder["l"]}}"],
            "upstreams": [{ "name": "u", "address": "127.0.0.1:1" }],
          }],
          "admin": { "socket": "{{_folder["a"]}}", "stateDirectory": "{{_folder["state"]}}" },
        }
        """);

    /// <summary>Without those of the runtime, which has a socket for its tools beside them.</summary>
    private static Dictionary<string, string?> Environment => new(ProxyExecutable.Environment) { ["DOTNET_EnableDiagnostics"] = "0" };

    private string[] Command => [ProxyExecutable.FilePath, "check", "--machine", "--config", _folder["proxy.json"]];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Machine_WholeRun_MakesNothingAndListensNowhere()
    {
        Strace.SkipUnlessUsable();
        using TempFolder trace = new("trace");

        ProcessResult result = await ChildProcess.RunAsync(Strace.Program,
            ["-f", "-qq", "-o", trace["calls"], "-e", $"trace={Makers}", "--", .. Command], environment: Environment);

        Assert.Equal(0, result.ExitCode);
        string[] calls = File.ReadAllLines(trace["calls"]);
        Assert.Equal(2, calls.Count(l => l.Contains(" bind(", StringComparison.Ordinal)));
        string[] made = [.. calls.Where(l => !l.Contains("AF_INET", StringComparison.Ordinal) && !IsReading(l))];
        if (made.Length > 0) Assert.Fail(string.Join("\n", made));
        AssertNothingIsLeft();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Machine_KilledWithABoundAddress_LeavesItFree(int bind)
    {
        Strace.SkipUnlessUsable();
        string[] command = Strace.Command("bind", "signal=KILL", bind, Command);

        ProcessResult result = await ChildProcess.RunAsync(command[0], command[1..], environment: Environment);

        Assert.NotEqual(0, result.ExitCode);
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task Machine_StoppedWithABoundAddress_IsInNoOnesWayAndContinues()
    {
        Strace.SkipUnlessUsable();
        using TempFolder trace = new("trace");
        using ChildProcess check = ChildProcess.Start(Strace.Program,
            ["-D", "-f", "-o", trace["calls"], "-e", "trace=bind", "-e", "inject=bind:signal=STOP:when=1", "--", .. Command], Environment);
        await Eventually.HoldsAsync(() => File.Exists(trace["calls"])
            && File.ReadAllText(trace["calls"]).Contains("stopped by SIGSTOP", StringComparison.Ordinal), "it is stopped");
        using (TcpListener other = new(_first)) other.Start();

        check.Signal(UnixSignal.Continue);

        Assert.Equal(0, await check.WaitForExitAsync());
        AssertNothingIsLeft();
    }

    private static bool IsReading(string call) => !call.Contains("O_CREAT", StringComparison.Ordinal)
        && (call.Contains(" openat(", StringComparison.Ordinal) || call.Contains("resumed>", StringComparison.Ordinal)
            || call.Contains(" --- ", StringComparison.Ordinal) || call.Contains(" +++ ", StringComparison.Ordinal));

    private static string? Obstacle(IPEndPoint address) => ListenTrial.FindObstacle(new ListenAddress(address), besideOwn: false);

    private void AssertNothingIsLeft()
    {
        Assert.Null(Obstacle(_first));
        Assert.Null(Obstacle(_second));
        Assert.Equal(["proxy.json"], Directory.GetFileSystemEntries(_folder.Path).Select(f => Path.GetFileName(f)));
    }
}
