using System.Text.RegularExpressions;

namespace FastTcpProxy.Engine.Tests.Architecture;

/// <summary>
/// Nothing in the background may end the process: whatever begins work that no one waits for goes through <c>BackgroundWork</c>, or stands
/// here with the reason why it cannot throw.
/// </summary>
public sealed partial class BackgroundRuleTests
{
    /// <summary>File, what begins there, and what holds an exception back.</summary>
    private static readonly (string File, string Begins, string Reason)[] Known =
    [
        ("FastTcpProxy.Engine/Background/BackgroundWork.cs", "new(() =>", "the one place for threads"),
        ("FastTcpProxy.Engine/Background/BackgroundWork.cs", "Task.Run", "the one place for tasks: Run and RunOnce"),
        ("FastTcpProxy.Engine/Loop/PoolDriver.cs", "UnsafeQueueUserWorkItem",
            "a turn of a loop, which contains what its items throw; another test holds that all are such"),
        ("FastTcpProxy.Control/Overrides/OverrideStore.cs", "CreateTimer", "its callback is guarded, and the timer is set anew"),
        ("FastTcpProxy.Control/Entries/EntryStore.cs", "CreateTimer", "its callback is guarded, and the timer is periodic"),
        ("FastTcpProxy.Control/Health/Probing/ProbeConnection.cs", "CreateTimer",
            "closes a socket, or sets the timer; a disposed timer and socket take both without a throw"),
        ("FastTcpProxy.Control/Health/Probing/ProbeConnection.cs", "UnsafeRegister", "closes a socket; the caller that cancels is guarded"),
        ("FastTcpProxy.Control/Resolution/NameResolver.cs", "Factory.StartNew", "its task is awaited by the look-up"),
        ("FastTcpProxy.Daemon/Host/EngineMonitor.cs", "PeriodicTimer", "a loop that BackgroundWork runs"),
        ("FastTcpProxy.Daemon/Metrics/Otlp/CollectorStream.cs", "UnsafeRegister", "closes a socket; the exporter that cancels is guarded"),
        ("FastTcpProxy.Daemon/Cli/StatusWatch.cs", "PeriodicTimer", "a loop of the command, which awaits it"),
        ("FastTcpProxy.Daemon/Admin/AdminServer.cs", "Task.Run", "its task is awaited by the host"),
        ("FastTcpProxy.Daemon/Host/Predecessor.cs", "Task.Run", "its task is awaited by the start"),
    ];

    [Fact]
    public void Source_BackgroundWork_GoesThroughTheOnePlace()
    {
        string[] found = [.. Sources().SelectMany(s => Begins().Matches(s.Text).Select(m => $"{s.File}: {m.Value.Trim()}")).Distinct()];
        string[] known = [.. Known.Where(k => k.Begins != "new(() =>").Select(k => $"{k.File}: {k.Begins}")];

        Assert.Equal(known.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Source_ItemsOfTheThreadPool_OnlyEnterTheirLoop()
    {
        List<string> offenders = [];
        foreach ((string file, string text) in Sources())
        {
            foreach (Match execute in Execute().Matches(text))
            {
                string body = execute.Groups["body"].Value;
                if (!body.Contains("TakeTurn()", StringComparison.Ordinal)) offenders.Add($"{file}: {execute.Value}");
            }
        }
        Assert.Empty(offenders);
    }

    [Theory]
    [InlineData("Thread t = new Thread(Run);", "new Thread(")]
    [InlineData("_ = Task.Run(() => x);", "Task.Run")]
    [InlineData("using PeriodicTimer timer = new(Period);", "PeriodicTimer")]
    [InlineData("private async void OnClick() {}", "async void")]
    [InlineData("task.ContinueWith(t => x);", "ContinueWith")]
    [InlineData("ThreadPool.QueueUserWorkItem(_ => x);", "QueueUserWorkItem")]
    [InlineData("Timer t = new Timer(_ => x);", "new Timer(")]
    [InlineData("token.Register(() => x);", ".Register(")]
    [InlineData("/// starts a new Thread(in a comment)", null)]
    public void Rule_Line_FindsWhatItShould(string line, string? found) =>
        Assert.Equal(found, Begins().Match(Comment().Replace(line, "")) is { Success: true } match ? match.Value.Trim() : null);

    private static IEnumerable<(string File, string Text)> Sources() => SourceTree.CSharpFiles("src")
        .Select(path => (SourceTree.Relative(path)["src/".Length..], Comment().Replace(File.ReadAllText(path), "")));

    [GeneratedRegex(@"\bnew Thread\(|\bTask\.Run\b|\bFactory\.StartNew\b|\bContinueWith\b|\bnew Timer\(|\bPeriodicTimer\b|\bCreateTimer\b|"
        + @"\basync void\b|\b(Unsafe)?QueueUserWorkItem\b|\bRegisterWaitForSingleObject\b|\bUnsafeRegister\b|\.Register\(")]
    private static partial Regex Begins();

    [GeneratedRegex(@"void (IThreadPoolWorkItem\.)?Execute\(\)\s*(=>(?<body>[^;]*);|\{(?<body>[^}]*)\})")]
    private static partial Regex Execute();

    [GeneratedRegex(@"//[^\n]*")]
    private static partial Regex Comment();
}
