using FastTcpProxy.Daemon.Cli.Display;

namespace FastTcpProxy.Daemon.Tests.Cli;

public sealed class ScreenTests
{
    /// <summary>A path of a UNIX socket may have any characters.</summary>
    [Theory]
    [InlineData("unix:/run/mail.sock", 19)]
    [InlineData("unix:/run/漢字.sock", 19)]
    public void Lines_FitByTheirWidthOnTheTerminal(string address, int width)
    {
        Assert.True(new Screen(width, false).Fits([TextTable.Line(address)]));
        Assert.False(new Screen(width - 1, false).Fits([TextTable.Line(address)]));
    }
}
