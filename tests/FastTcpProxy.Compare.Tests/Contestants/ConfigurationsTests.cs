using FastTcpProxy.Compare.Contestants;
using FastTcpProxy.Compare.Load;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Compare.Tests.Contestants;

/// <summary>What each contestant is told, for the same work.</summary>
public sealed class ConfigurationsTests
{
    private static readonly ContestantSetup Setup = new(ListenPort: 8101, UpstreamPort: 8100, ProxyMode.V2, Threads: 2, Connections: 900);

    [Theory]
    [InlineData(ProxyMode.Raw, "raw")]
    [InlineData(ProxyMode.V1, "proxy-v1")]
    [InlineData(ProxyMode.V2, "proxy-v2")]
    public async Task FastTcpProxy_Configuration_IsValid(ProxyMode mode, string name)
    {
        using TempFolder folder = new("compare");
        string path = folder.Write("c.json", Configurations.FastTcpProxy(Setup with { Mode = mode }));
        ProcessResult result = await ProxyExecutable.RunAsync(["check", "--config", path]);
        Assert.Equal(0, result.ExitCode);
        Assert.Contains($"127.0.0.1:8101 -> 127.0.0.1:8100 ({name})", result.Output);
        Assert.Contains("\"threads\": 2", File.ReadAllText(path));
    }

    [Fact]
    public async Task FastTcpProxy_WithKeys_IsValidAndHasAnotherUpstream()
    {
        using TempFolder folder = new("compare");
        string keys = "\"hedge\": true, \"suspect\": true, \"passive\": true, \"failback\": true";
        string path = folder.Write("c.json", Configurations.FastTcpProxy(Setup, keys));
        ProcessResult result = await ProxyExecutable.RunAsync(["check", "--config", path]);
        Assert.Equal(0, result.ExitCode);
        Assert.DoesNotContain("C170", result.Error);
        Assert.Contains("127.0.0.1:8100", result.Output);
        Assert.Contains("127.0.0.1:1", result.Output);
    }

    [Theory]
    [InlineData(ProxyMode.Raw, "server only 127.0.0.1:8100\n")]
    [InlineData(ProxyMode.V1, "server only 127.0.0.1:8100 send-proxy\n")]
    [InlineData(ProxyMode.V2, "server only 127.0.0.1:8100 send-proxy-v2\n")]
    public void HAProxy_Mode_IsItsOptionOfTheServer(ProxyMode mode, string line)
    {
        string text = Configurations.HAProxy(Setup with { Mode = mode }, splice: false);
        Assert.Contains(line, text);
        Assert.Contains("nbthread 2\n", text);
        Assert.Contains("maxconn 900\n", text);
        Assert.DoesNotContain("splice", text);
    }

    [Fact]
    public void HAProxy_Splice_HasPipesAndFewerConnections()
    {
        string text = Configurations.HAProxy(Setup with { Connections = 9_900 }, splice: true);
        Assert.Contains("option splice-request\n", text);
        Assert.Contains("option splice-response\n", text);
        Assert.Contains("tune.pipesize 1048576\n", text);
        Assert.Contains("maxconn 1000\n", text);
    }

    [Theory]
    [InlineData(ProxyMode.Raw, 1, "proxy_protocol off;", "backlog=16384;")]
    [InlineData(ProxyMode.V1, 1, "proxy_protocol on;", "backlog=16384;")]
    [InlineData(ProxyMode.V2, 2, "proxy_protocol on;", "backlog=16384 reuseport;")]
    public void Nginx_ModeAndThreads_AreInItsText(ProxyMode mode, int threads, string protocol, string listen)
    {
        string text = Configurations.Nginx(Setup with { Mode = mode, Threads = threads }, "/folder");
        Assert.Contains(protocol, text);
        Assert.Contains(listen, text);
        Assert.Contains($"worker_processes {threads};", text);
        Assert.Contains("worker_connections 1850;", text);
        Assert.Contains("pid /folder/nginx.pid;", text);
    }

    [Fact]
    public void Naive_Arguments_AreAddressesAndMode() =>
        Assert.Equal(["127.0.0.1:8101", "127.0.0.1:8100", "v1"], Configurations.Naive(Setup with { Mode = ProxyMode.V1 }));

    [Theory]
    [InlineData(ContestantKind.FastTcpProxy, ProxyMode.V2, HeaderKind.V2)]
    [InlineData(ContestantKind.Naive, ProxyMode.V1, HeaderKind.V1)]
    [InlineData(ContestantKind.HAProxy, ProxyMode.Raw, HeaderKind.None)]
    [InlineData(ContestantKind.Nginx, ProxyMode.V2, HeaderKind.V1)]
    [InlineData(ContestantKind.Nginx, ProxyMode.Raw, HeaderKind.None)]
    public void Header_OfAContestant_IsThatOfTheMode(ContestantKind kind, ProxyMode mode, HeaderKind expected) =>
        Assert.Equal(expected, kind.HeaderOf(mode));

    [Fact]
    public void FindBuilds_NothingThere_NamesTheBuild() => Assert.Equal(
        "head: there is no program at /nowhere/fasttcpproxy",
        Assert.Throws<ContestantException>(() => ContestantFinder.FindBuilds([("head", "/nowhere/fasttcpproxy")]).ToList()).Message);
}
