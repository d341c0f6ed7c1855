using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Operators;

/// <summary>Each command where no proxy is, and where an earlier generation would be.</summary>
public sealed class NoProxyTests : IDisposable
{
    private readonly TempFolder _folder = new("none");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("status")]
    [InlineData("upstream list")]
    [InlineData("upstream enable mail primary")]
    [InlineData("upstream disable mail primary --json")]
    [InlineData("upstream drain mail primary --wait 1s")]
    [InlineData("upstream undrain mail primary")]
    [InlineData("upstream order mail primary")]
    [InlineData("reload")]
    [InlineData("config show")]
    [InlineData("sessions list")]
    [InlineData("sessions kill --all")]
    [InlineData("explain --service mail --from 192.0.2.7")]
    [InlineData("drain")]
    public async Task NoSocket_IsSaidWithItsPath(string line)
    {
        ProcessResult result = await ProxyExecutable.RunAsync([.. line.Split(' '), "--socket", _folder["s"]]);

        UpstreamCommandTests.AssertFailed(result, 1, $"{_folder["s"]}: no such socket; is the proxy running");
        Assert.Equal("", result.Output);
    }

    [Fact]
    public async Task Generation_IsAskedAtItsOwnSocket()
    {
        await using OperatorBed bed = await OperatorBed.StartAsync();
        // As a process that has handed its listeners over answers.
        File.CreateSymbolicLink(bed.Socket + ".4711", bed.Socket);

        string there = await bed.DoAsync("status --generation 4711");
        ProcessResult gone = await bed.RunAsync("status --generation 4712");

        Assert.Contains($"process {bed.Proxy.Child.Id}, ", there);
        UpstreamCommandTests.AssertFailed(gone, 1, "there is no generation 4712, or it has exited: no earlier generation is left");
        UpstreamCommandTests.AssertFailed(await bed.RunAsync($"sessions list --generation {bed.Proxy.Child.Id}"), 1,
            $"process {bed.Proxy.Child.Id} is the serving process, not an earlier generation");
        bed.Proxy.Child.Signal(UnixSignal.Kill);
        await bed.Proxy.Child.WaitForExitAsync();
        UpstreamCommandTests.AssertFailed(await bed.RunAsync("status --generation 4712"), 1,
            $"there is no generation 4712, or it has exited: no process serves {bed.Socket}.4712");
    }
}
