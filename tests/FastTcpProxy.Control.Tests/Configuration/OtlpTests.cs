using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Tests.Configuration;

/// <summary>Where metrics are sent to, and the file with the headers, whose values no message shows.</summary>
public sealed class OtlpTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("fasttcpproxy-otlp-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Otlp_WithItsDefaults() => Assert.Equal(
        new OtlpConfiguration
        {
            Endpoint = new Uri("https://collector.example"), Protocol = OtlpProtocol.HttpProtobuf, Interval = TimeSpan.FromSeconds(60),
            Timeout = TimeSpan.FromSeconds(10),
        },
        Given.Valid(Given.Root("\"metrics\": { \"otlp\": { \"endpoint\": \"https://collector.example\" } }")).Otlp);

    [Theory]
    [InlineData("none", false)]
    [InlineData("gzip", true)]
    public void Compression_IsTaken(string name, bool isCompressed) => Assert.Equal(isCompressed, Given.Valid(Given.Root(
        $"\"metrics\": {{ \"otlp\": {{ \"endpoint\": \"http://c\", \"compression\": \"{name}\" }} }}")).Otlp!.IsCompressed);

    [Fact]
    public void CaFile_ThatIsNotThere_IsRefused() => Assert.Contains("/nowhere/ca.pem", Given.OnlyError(Given.Root(
        "\"metrics\": { \"otlp\": { \"endpoint\": \"https://c\", \"caFile\": \"/nowhere/ca.pem\" } }")).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("http://127.0.0.1:4318")]
    [InlineData("http://[2001:db8::1]:4317/a/b?c=d")]
    public void Endpoint_IsTaken(string url) =>
        Assert.Equal(new Uri(url), Given.Valid(Given.Root($"\"metrics\": {{ \"otlp\": {{ \"endpoint\": \"{url}\" }} }}")).Otlp!.Endpoint);

    [Theory]
    [InlineData("collector:4317")]
    [InlineData("ftp://collector")]
    [InlineData("http://u:p@collector")]
    [InlineData("http://0.0.0.0:4318")]
    [InlineData("http://collector/#x")]
    [InlineData("http://{host}:4318")]
    public void Endpoint_IsRefused(string url)
    {
        ConfigurationError error = Given.OnlyError(Given.Root($"\"metrics\": {{ \"otlp\": {{ \"endpoint\": \"{url}\" }} }}"));

        Assert.StartsWith("metrics.otlp.endpoint is ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Headers_AreReadFromTheirFile()
    {
        OtlpConfiguration otlp = Load("Authorization: Bearer secret\r\n\nx-scope-orgid:  7\n").Configuration!.Otlp!;

        Assert.Equal([new OtlpHeader("Authorization", "Bearer secret"), new OtlpHeader("x-scope-orgid", "7")], otlp.Headers);
        Assert.DoesNotContain("secret", otlp.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("secret", "line 1: it has no colon")]
    [InlineData("A: 1\n: secret", "line 2: no header has such a name")]
    [InlineData("Content-Length: 7", "line 1: the client sets this header by itself")]
    [InlineData("A: secret\u0001", "line 1: it holds a character that is neither visible ASCII nor a space or tab")]
    public void Headers_ThatCannotBeSent_AreRefused(string content, string expected)
    {
        ConfigurationError error = Assert.Single(Load(content).Errors);

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Headers_OfAFileThatOthersMayRead_AreRefused() =>
        Assert.Contains("its mode is 0644", Assert.Single(Load("A: 1", (UnixFileMode)0b110_100_100).Errors).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData(HeadersFile.HeadersMax, true)]
    [InlineData(HeadersFile.HeadersMax + 1, false)]
    public void Headers_AreBounded(int count, bool taken) =>
        Assert.Equal(taken, Load(string.Concat(Enumerable.Range(0, count).Select(i => $"A{i}: 1\n"))).Errors.IsEmpty);

    private ConfigurationResult Load(string headers, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        string file = Path.Combine(_directory, "headers"), configuration = Path.Combine(_directory, "proxy.json");
        File.WriteAllText(file, headers);
        File.SetUnixFileMode(file, mode);
        File.WriteAllText(configuration,
            Given.Root("\"metrics\": { \"otlp\": { \"endpoint\": \"http://127.0.0.1:4318\", \"headersFile\": \"headers\" } }"));
        return ConfigurationLoader.Load(configuration);
    }
}
