using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Peers;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Cli;

/// <summary>
/// <c>check --machine</c>: what it finds is what <c>run</c> would meet, and it disturbs no client. Each test owns its folder.
/// </summary>
public sealed class MachineCheckTests : IDisposable
{
    private static readonly string[] AsNobody = ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

    private readonly TempFolder _folder = new("machine");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Machine_NothingInTheWay_Exits0AndSaysAsWhom()
    {
        ProcessResult result = await CheckAsync([], Configuration(FreePort.Loopback().ToString()));

        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith("OK ", result.Output);
        Assert.Contains("machine: note M202: checked as ", result.Output);
        Assert.DoesNotContain(": error ", result.Error);
    }

    [Fact]
    public async Task Machine_FaultyFile_Exits1AndIsNotLookedAt()
    {
        ProcessResult result = await CheckAsync([], Configuration("127.0.0.1:1").Replace("raw", "row"));

        Assert.Equal(1, result.ExitCode);
        Assert.DoesNotContain("machine:", result.Output + result.Error);
    }

    /// <summary>Whose administrative socket is gone: it cannot be asked, and is the one thing in the way.</summary>
    [Fact]
    public async Task Machine_PortOfAProxyThatCannotBeAsked_SaysHowItBindsItsSocketAgain()
    {
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(Configuration(listen.ToString()));

        ProcessResult result = await CheckAsync([], Configuration(listen.ToString()));

        Assert.Equal(3, result.ExitCode);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture,
            $"(process {proxy.Child.Id}): kill -HUP {proxy.Child.Id} if it serves this configuration and its admin.socket was deleted"),
            result.Error);
    }

    [Fact]
    public async Task Machine_PortOfAnotherProcess_IsAnErrorThatNamesIt()
    {
        using Socket other = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        other.Listen();
        string address = other.LocalEndPoint!.ToString()!;

        ProcessResult result = await CheckAsync([], Configuration(address));

        Assert.Equal(3, result.ExitCode);
        Assert.Contains($"machine: error M001: cannot listen on {address}: the address is in use", result.Error);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"(process {Environment.ProcessId}): stop it"), result.Error);
        Assert.Contains($"(services[0].listen[0], {_folder["proxy.json"]}:1:", result.Error);
    }

    [Fact]
    public async Task Machine_BesideItsRunningProxy_IsNoErrorAndTakesNoClient()
    {
        await using EchoUpstream upstream = new();
        string address = FreePort.Loopback().ToString();
        string text = Configuration(address, upstream.EndPoint.ToString(),
            Admin("a.sock"));
        using ProxyProcess proxy = await ProxyProcess.StartAsync(text);
        using CancellationTokenSource stop = new();
        Task<int> clients = VisitAsync(IPEndPoint.Parse(address), stop.Token);

        ProcessResult[] results = [await CheckAsync([], text), await CheckAsync([], text)];
        await stop.CancelAsync();

        Assert.All(results, result => Assert.Equal((0, ""), (result.ExitCode, Errors(result))));
        Assert.All(results, result => Assert.Equal(3,
            result.Output.Split("is in use by the proxy that serves here (process " + proxy.Child.Id).Length - 1));
        Assert.True(await clients > 0);
    }

    [Fact]
    public async Task Machine_StateDirectoryOfAnotherProxy_IsAnErrorThatNamesIt()
    {
        string address = FreePort.Loopback().ToString();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(Configuration(address, admin: Admin("a.sock")));

        ProcessResult result = await CheckAsync([], Configuration(FreePort.Loopback().ToString(), admin: Admin("b.sock")));

        Assert.Equal(3, result.ExitCode);
        Assert.Contains($"machine: error M003: the state directory {_folder["state"]} belongs to process {proxy.Child.Id}", result.Error);
    }

    [Fact]
    public async Task Machine_UserWithoutRights_LearnsOfPortDirectoryAndGroup()
    {
        RequiresPeer.OwnNetwork();
        await RequireNobodyAsync();
        Directory.CreateDirectory(_folder["state"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        string text = Configuration("127.0.0.1:9", admin: Admin())
            .Replace("\"127.0.0.1:9\"", "\"127.0.0.1:9\", { \"address\": \"unix:/tmp/machine.sock\", \"group\": \"0\" }");

        ProcessResult result = await CheckAsync(
            ["/usr/bin/unshare", "--net", "/bin/sh", "-c", "ip link set lo up; exec \"$0\" \"$@\"", .. AsNobody], text);

        Assert.Equal(3, result.ExitCode);
        Assert.Contains("machine: error M001: cannot listen on 127.0.0.1:9: not permitted; ports below 1024 need CAP_NET_BIND_SERVICE "
            + "(ports from 1024 on are open to all users): let systemd give it", result.Error);
        Assert.Contains($"machine: error M003: the state directory {_folder["state"]} may not be written by this user", result.Error);
        Assert.Contains("machine: error M005: the group \"0\" cannot be given", result.Error);
    }

    [Fact]
    public async Task Machine_StateDirectoryOnAReadOnlyFileSystem_IsNoMatterOfItsOwner()
    {
        RequiresPeer.OwnNetwork();
        Directory.CreateDirectory(_folder["state"]);
        string[] before = ["/usr/bin/unshare", "--mount", "/bin/sh", "-c",
            $"mount -t tmpfs -o ro none '{_folder["state"]}'; exec \"$0\" \"$@\""];

        ProcessResult result = await CheckAsync(before, Configuration(FreePort.Loopback().ToString(), admin: Admin("a.sock")));

        Assert.Equal(3, result.ExitCode);
        Assert.Contains($"M003: the state directory {_folder["state"]} is on a file system that is mounted read-only; ", result.Error);
        Assert.DoesNotContain("chown", result.Error);
    }

    [Fact]
    public async Task Machine_CertificateThatHasExpired_IsWarnedOf()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 old = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(1));
        _folder.Write("admin.pem", old.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem());
        File.SetUnixFileMode(_folder.Write("token", "operators-token-0123456789\n"), UnixFileMode.UserRead);
        string admin = $", \"admin\": {{ \"listen\": [\"{FreePort.Loopback()}\"], "
            + "\"tokenFile\": \"token\", \"certFile\": \"admin.pem\" } }";

        ProcessResult result = await CheckAsync([], Configuration(FreePort.Loopback().ToString(), admin: admin));

        Assert.Equal(0, result.ExitCode);
        Assert.Contains($"machine: warning M107: {_folder["admin.pem"]}: certificate expired on 1970-01-02, and clients over TCP refuse it",
            result.Error);
    }

    [Fact]
    public async Task Machine_SmallNetwork_IsWarnedOf()
    {
        RequiresPeer.OwnNetwork();
        string text = Configuration("[::]:2525", "no-such-name.invalid:25");

        ProcessResult result = await CheckAsync(["/usr/bin/unshare", "--net", "--mount", "/bin/sh", "-c",
            "ip link set lo up; echo 100 > /proc/sys/net/core/somaxconn; echo 40000 40009 > /proc/sys/net/ipv4/ip_local_port_range; "
            + "echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6; exec \"$0\" \"$@\""], text);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("machine: warning M101: the name no-such-name.invalid does not resolve now", result.Error);
        Assert.Contains("machine: warning M103: service s may have 65536 sessions, and there are local ports for 10", result.Error);
        Assert.Contains("machine: warning M104: the kernel cuts the queues of listeners to 100 clients", result.Error);
        Assert.Contains("machine: warning M105: [::]:2525: IPv6 is off on this machine", result.Error);
    }

    [Fact]
    public async Task Machine_AddressesOfAnotherMachine_AreFound()
    {
        ProcessResult result = await CheckAsync([],
            Configuration("192.0.2.77:2525").Replace("\"mode\"", "\"sourceAddresses\": [\"192.0.2.78\"], \"mode\""));

        Assert.Equal(3, result.ExitCode);
        Assert.Contains("machine: error M001: cannot listen on 192.0.2.77:2525: this machine has no such address", result.Error);
        Assert.Contains("machine: warning M106: 192.0.2.78 is no address of this machine", result.Error);
    }

    [Theory]
    [InlineData(400, 0, "machine: warning M102: the process may have 400 descriptors")]
    [InlineData(140, 3, "machine: error M004: the process may have 140 descriptors")]
    public async Task Machine_FewDescriptors_SaysHowManyItTakes(int limit, int code, string says)
    {
        ProcessResult result = await CheckAsync(
            ["/bin/sh", "-c", string.Create(CultureInfo.InvariantCulture, $"ulimit -n {limit}; exec \"$0\" \"$@\"")],
            Configuration(FreePort.Loopback().ToString()));

        Assert.Contains(says, result.Error);
        Assert.Equal(code, result.ExitCode);
    }

    /// <summary>One calculation: a check says the number with which the proxy starts, although it opens other files.</summary>
    [Fact]
    public async Task Machine_DescriptorsForAStart_AreThoseOfRun()
    {
        string[] few = ["/bin/sh", "-c", "ulimit -n 140; exec \"$0\" \"$@\""];
        string text = Configuration(FreePort.Loopback().ToString(), admin: Admin("a.sock"));

        ProcessResult check = await CheckAsync(few, text);
        ProcessResult run = await ChildProcess.RunAsync(few[0], [.. few[1..], ProxyExecutable.FilePath, "run", "--config",
            _folder["proxy.json"]], environment: ProxyExecutable.Environment);

        Assert.Equal(Least(check.Error), Least(run.Error));

        static string Least(string text) => text.Split("expected at least ")[1].Split(';')[0];
    }

    private static string Errors(ProcessResult result) =>
        string.Join('\n', result.Error.Split('\n').Where(line => line.Contains(": error ", StringComparison.Ordinal)));

    /// <summary>The rest of a file, from behind its services.</summary>
    private string Admin(string? socket = null)
    {
        string first = socket is null ? "" : $"\"socket\": \"{_folder[socket]}\", ";
        return $", \"admin\": {{ {first}\"stateDirectory\": \"{_folder["state"]}\" }} }}";
    }

    private static string Configuration(string listen, string upstream = "127.0.0.1:1", string admin = "") =>
        $$"""{ "services": [{ "name": "s", "listen": ["{{listen}}"], "mode": "raw", "upstreams": [{ "address": "{{upstream}}" }] }]"""
        + (admin.Length > 0 ? admin : " }");

    /// <summary>Clients one after the other, each of which is answered. Returns how many there were.</summary>
    private static async Task<int> VisitAsync(IPEndPoint proxy, CancellationToken stop)
    {
        int count = 0;
        for (; !stop.IsCancellationRequested; count++)
        {
            using TcpClient client = new();
            await client.ConnectAsync(proxy, CancellationToken.None);
            await client.GetStream().WriteAsync("x"u8.ToArray(), CancellationToken.None);
            Assert.Equal(1, await client.GetStream().ReadAsync(new byte[1], CancellationToken.None).AsTask().WaitAsync(Deadline.Patient));
        }
        return count;
    }

    private async Task RequireNobodyAsync()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can become another user");
        File.SetUnixFileMode(_folder.Path, (UnixFileMode)0x1ED);
        ProcessResult result =
            await ChildProcess.RunAsync(AsNobody[0], [.. AsNobody[1..], "/usr/bin/test", "-x", ProxyExecutable.FilePath]);
        Assert.SkipUnless(result.ExitCode == 0, "the program lies where no other user may go");
    }

    private Task<ProcessResult> CheckAsync(string[] before, string text)
    {
        string path = _folder.Write("proxy.json", text);
        string[] command = [.. before, ProxyExecutable.FilePath, "check", "--machine", "--config", path];
        return ChildProcess.RunAsync(command[0], command[1..], environment: ProxyExecutable.Environment);
    }
}
