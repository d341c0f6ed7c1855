using FastTcpProxy.Daemon.Cli.Doctor;
using FastTcpProxy.Daemon.Cli.Machine;
using FastTcpProxy.Daemon.Tests.Cli;

namespace FastTcpProxy.Daemon.Tests.Doctor;

/// <summary>What <c>doctor</c> says of a status. Pure.</summary>
public sealed class ProxyFindingsTests
{
    /// <summary>Sixty services, each with the reasons of its upstreams, would be a page. The command that is named has them.</summary>
    [Theory]
    [InlineData(null, "fasttcpproxy status    # ")]
    [InlineData("/run/mail.sock", "fasttcpproxy status --socket /run/mail.sock    # ")]
    public void Readiness_Degraded_NamesServicesAndTheCommandThatHasTheRest(string? socket, string command)
    {
        MachineFinding found = ProxyFindings.OfReadiness(GivenDocuments.Status with
        {
            Ready = true, Readiness = "degraded",
            Degraded = ["service mail: no upstream is up (primary: down since noon: refused)", "service web: no upstream is up (a: down)"],
        }, socket);

        Assert.Equal("degraded: service mail: no upstream is up; service web: no upstream is up", found.Found);
        Assert.StartsWith(command, Assert.Single(found.Change), StringComparison.Ordinal);
    }
}
