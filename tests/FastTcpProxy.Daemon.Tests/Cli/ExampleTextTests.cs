using FastTcpProxy.Daemon.Cli.Display;

namespace FastTcpProxy.Daemon.Tests.Cli;

/// <summary>The layout of examples.</summary>
public sealed class ExampleTextTests
{
    [Theory]
    [InlineData("run -c x", 80, "  run -c x\n")]
    [InlineData("run   serve\nstop  end", 13, "  run   serve\n  stop  end\n")]
    [InlineData("run   serve\nstop  end", 12, "  run\n      serve\n  stop\n      end\n")]
    [InlineData("run --config proxy.json", 20, "  run --config \\\n    proxy.json\n")]
    [InlineData("run --config proxy.json", 17, "  run --config \\\n    proxy.json\n")]
    [InlineData("run --config proxy.json", 15, "  run \\\n    --config \\\n    proxy.json\n")]
    [InlineData("run verylongword x", 8, "  run \\\n    verylongword \\\n    x\n")]
    [InlineData("set 'a b c' \"d e f\" g", 15, "  set 'a b c' \\\n    \"d e f\" g\n")]
    [InlineData("run\n\nExit codes: 0 ok, 1 failed.", 20, "  run\n\n  Exit codes: 0 ok,\n    1 failed.\n")]
    [InlineData("run --config proxy.json  serve it", int.MaxValue, "  run --config proxy.json  serve it\n")]
    public void Format_BreaksBetweenWords(string examples, int width, string expected) =>
        Assert.Equal(expected, ExampleText.Format(examples, width));
}
