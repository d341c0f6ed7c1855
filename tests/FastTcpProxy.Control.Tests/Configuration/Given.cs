using System.Buffers;
using System.Text;
using System.Text.Json;
using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Control.Tests.Configuration;

/// <summary>Configurations for tests: a valid frame into which a test puts what it is about. Stateless, any thread.</summary>
internal static class Given
{
    public const string FileName = "test.json";

    /// <summary>What the loader says of a text; and the schema, which each text of a test is given to, does not contradict it.</summary>
    public static ConfigurationResult Parse(string json)
    {
        byte[] text = Encoding.UTF8.GetBytes(json);
        ConfigurationResult result = ConfigurationLoader.Parse(text, FileName);
        SchemaAgreement.Check(text, result);
        return result;
    }

    /// <summary>The configuration of a file that has no error, neither for the loader nor for the schema.</summary>
    public static ProxyConfiguration Valid(string json)
    {
        ConfigurationResult result = Parse(json);
        Assert.Empty(result.Errors);
        return result.Configuration!;
    }

    /// <summary>The schema as it is written for editors.</summary>
    public static JsonDocument Schema()
    {
        var output = new ArrayBufferWriter<byte>();
        ConfigurationSchema.Write(output);
        return JsonDocument.Parse(output.WrittenMemory);
    }

    /// <summary>A file whose one service has these keys beside the ones that it must have.</summary>
    public static string Service(
        string keys = "",
        string name = "\"s\"",
        string listen = "[\"127.0.0.1:1000\"]",
        string upstreams = """[{ "name": "a", "address": "192.0.2.1:1" }]""") =>
        $$"""{ "services": [{ "name": {{name}}, "listen": {{listen}}, "upstreams": {{upstreams}}, {{keys}} }] }""";

    /// <summary>A file with one valid service and these keys beside it.</summary>
    public static string Root(string keys) => Service()[..^1] + ", " + keys + " }";

    /// <summary>The only error of a file, which then has no configuration.</summary>
    public static ConfigurationError OnlyError(string json)
    {
        ConfigurationResult result = Parse(json);
        Assert.Null(result.Configuration);
        return Assert.Single(result.Errors);
    }
}
