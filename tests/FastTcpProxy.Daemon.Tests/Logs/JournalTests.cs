using System.Globalization;
using FastTcpProxy.Daemon.Logging.Targets;
using FastTcpProxy.Daemon.Tests.Behaviour;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Logs;

/// <summary>
/// Lines for the journal carry their priority, and no others do: by JOURNAL_STREAM, against the file that stat(1) says standard error is.
/// </summary>
public sealed class JournalTests
{
    private const string Identity = "stat -L -c %d:%i /proc/$$/fd/2";

    [Fact]
    public async Task Stream_OfThisProcess_IsFoundByDeviceAndInode()
    {
        string pid = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        ProcessResult stat = await ChildProcess.RunAsync("/usr/bin/stat", ["-L", "-c", "%d:%i", $"/proc/{pid}/fd/2"]);
        string[] parts = stat.Output.Trim().Split(':');

        Assert.True(JournalStream.IsStandardError($"{parts[0]}:{parts[1]}"));
        Assert.All((string?[])[null, "", ":", parts[0], $"{parts[1]}:{parts[0]}", $"{parts[0]}:{parts[1]}0", $"9{parts[0]}:{parts[1]}"],
            other => Assert.False(JournalStream.IsStandardError(other), other));
    }

    [Theory]
    [InlineData("export JOURNAL_STREAM=$(" + Identity + ")", true)]
    [InlineData("export JOURNAL_STREAM=8:1", false)]
    [InlineData("export JOURNAL_STREAM=$(" + Identity + "); exec 2>&1", false)]
    [InlineData("unset JOURNAL_STREAM", false)]
    public async Task Lines_HaveTheirPriority_WhereStandardErrorIsTheJournal(string before, bool isJournal)
    {
        using ProxyProcess proxy = await ProxyProcess.StartAsync(
            ServiceText.Of(FreePort.Loopback(), ["127.0.0.1:9"]), new ProxyOptions { Before = before });
        Assert.Equal(0, await proxy.StopAsync());

        string[] lines = [.. proxy.Child.Error.Snapshot().Concat(proxy.Child.Output.Snapshot()).Where(l => l.Contains(" info ")
            || l.Contains(" warning "))];
        Assert.Contains(lines, l => l.Contains(" 1002 ", StringComparison.Ordinal));
        Assert.All(lines, l => Assert.StartsWith(!isJournal ? "2" : l.Contains(" warning ") ? "<4>2" : "<6>2", l));
    }
}
