using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.CommandLine;

/// <summary><c>demo</c> as a script runs it.</summary>
public sealed class DemoTests
{
    [Fact]
    public async Task Demo_WithoutTerminal_ShowsItsFourStepsAndExits0()
    {
        ProcessResult result = await ProxyExecutable.RunAsync(["demo"]);

        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        Assert.Equal("", result.Error);
        Assert.Contains("0d 0a 0d 0a 00 0d 0a 51 55 49 54 0a 21 11 00 0c", result.Output);
        string[] held = [.. result.Output.Split('\n').Where(l => l.StartsWith("   OK: "))];
        Assert.Equal(4, held.Length);
        Assert.Contains("upstream a knows the client by its own address", held[0]);
        Assert.Contains("failover at once", held[1]);
        Assert.Contains("failover at the timeout", held[2]);
        Assert.Contains("failback", held[3]);
        Assert.DoesNotContain("HOLD", result.Output);
        Assert.DoesNotContain('\e', result.Output);
    }
}
