using System.Text;
using System.Text.Json;
using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Control.Configuration.Keys;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;
using FastTcpProxy.Testing.Json;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Control.Tests.Configuration;

/// <summary>The schema and the loader come from one description, and the description is true of itself.</summary>
public sealed class SchemaTests
{
    [Fact]
    public void Schema_EveryObject_HasTheKeysOfTheDescriptionAndNoOther()
    {
        using JsonDocument schema = Given.Schema();
        int keys = 0;

        Walk(RootKeys.Kind.Shape, schema.RootElement, (shape, element) =>
        {
            Assert.Equal(shape.Keys.Select(key => key.Name), element.GetProperty("properties").EnumerateObject().Select(key => key.Name));
            Assert.False(element.GetProperty("additionalProperties").GetBoolean());
            string[] required = element.TryGetProperty("required", out JsonElement names)
                ? [.. names.EnumerateArray().Select(name => name.GetString()!)]
                : [];
            Assert.Equal(shape.Keys.Where(key => key.Required).Select(key => key.Name), required);
            keys += shape.Keys.Length;
        });
        Assert.Equal(201, keys);
    }

    [Fact]
    public void Schema_EveryKey_IsDocumentedWithAnExampleThatIsValid()
    {
        using JsonDocument schema = Given.Schema();

        Walk(RootKeys.Kind.Shape, schema.RootElement, (shape, element) =>
        {
            foreach (Key key in shape.Keys)
            {
                JsonElement property = element.GetProperty("properties").GetProperty(key.Name);
                Assert.EndsWith(".", property.GetProperty("description").GetString());
                Assert.Null(SchemaValidator.Violation(property, property.GetProperty("examples")[0]));
                CheckLoads(key, key.Example);
            }
        });
    }

    [Fact]
    public void Schema_EveryDefault_IsValid()
    {
        using JsonDocument schema = Given.Schema();
        var defaults = new List<string>();

        Walk(RootKeys.Kind.Shape, schema.RootElement, (shape, element) =>
        {
            foreach (Key key in shape.Keys)
            {
                JsonElement property = element.GetProperty("properties").GetProperty(key.Name);
                if (!property.TryGetProperty("default", out JsonElement value))
                    continue;
                Assert.Null(SchemaValidator.Violation(property, value));
                CheckLoads(key, value.GetRawText());
                defaults.Add($"{key.Name}={value.GetRawText().ReplaceLineEndings("").Replace(" ", "")}");
            }
        });
        Assert.Equal(
            "engine={} log={} mode=\"proxy-v2\" connectTimeout=\"5s\" onAllFailed=\"reset\" "
            + "abortOnClose=false idleTimeout=\"10m\" halfCloseTimeout=\"30s\" "
            + "keepAlive={} tcpUserTimeout=\"1m\" sourceAddresses=[] dnsRefresh=\"30s\" allDown=\"try-in-order\" "
            + "uniqueId=false retryOnReset=\"never\" enabled=true "
            + "type=\"http\" method=\"GET\" headers={} timeout=\"5s\" interval=\"15s\" probes={} expect={} tls={} "
            + "initial=\"up\" onDown=\"keep\" "
            + "successes=1 failures=1 delay=\"0s\" failStatus=[\"5xx\"] verify=false "
            + "timeout=\"3s\" others=\"refuse\" passTlvs=[] "
            + "crc32c=false idle=\"1m\" interval=\"10s\" count=6 "
            + "type=\"http\" method=\"GET\" headers={} timeout=\"5s\" interval=\"15s\" probes={} expect={} tls={} "
            + "initial=\"up\" onDown=\"keep\" "
            + "successes=1 failures=1 delay=\"0s\" failStatus=[\"5xx\"] verify=false "
            + "delay=\"auto\" delayMin=\"100ms\" delayMax=\"1s\" budget={} percent=5 perSecond=10 burst=100 "
            + "after=5 window=\"10s\" hold=\"1s\" holdMax=\"15s\" "
            + "resets=5 within=\"1s\" window=\"30s\" hold=\"10s\" holdMax=\"5m\" keep=1 ramp=\"30s\" start=10 action=\"deny\" "
            + "maxSessions=65536 drainTimeout=\"30s\" format=\"json\" target=\"stdout\" fileMode=\"0640\" facility=\"local0\" "
            + "syslog=\"rfc5424\" events={} format=\"text\" target=\"stderr\" level=\"info\" facility=\"daemon\" "
            + "protocol=\"http/protobuf\" interval=\"1m\" timeout=\"10s\" compression=\"none\" action=\"deny\"",
            string.Join(' ', defaults));
    }

    [Theory]
    [InlineData("\"mode\": \"proxy\"")]
    [InlineData("\"idleTimeout\": 5")]
    [InlineData("\"idleTimeout\": \"5\"")]
    [InlineData("\"maxSessions\": 0")]
    [InlineData("\"unknown\": 1")]
    [InlineData("\"healthCheck\": { \"url\": \"ftp://a/\" }")]
    [InlineData("\"healthCheck\": { \"headers\": { \"a b\": \"c\" } }")]
    [InlineData("\"healthCheck\": { \"headers\": { \"a\": 1 } }")]
    [InlineData("\"healthCheck\": { \"expect\": { \"failStatus\": [\"6xx\"] } }")]
    [InlineData("\"healthCheck\": { \"probes\": { \"failures\": 101 } }")]
    [InlineData("\"acceptProxy\": { \"from\": [] }")]
    [InlineData("\"acceptProxy\": {}")]
    public void Schema_InvalidFile_IsRefusedByTheSchemaToo(string keys)
    {
        using JsonDocument schema = Given.Schema();
        using var document = JsonDocument.Parse(Given.Service(keys), new JsonDocumentOptions { AllowTrailingCommas = true });

        Assert.NotNull(SchemaValidator.Violation(schema.RootElement, document.RootElement));
    }

    public static TheoryData<string, string> OnlyCheckRefuses =>
        new(OnlyCheck.All.Where(entry => entry.Example.Length > 0).Select(entry => (entry.Code, entry.Example)));

    [Theory]
    [MemberData(nameof(OnlyCheckRefuses))]
    public void Schema_MistakeThatItCannotFind_IsFoundByCheck(string code, string json)
    {
        Assert.Contains(Given.Parse(json).Errors, error => error.Code == code);
        Assert.True(SchemaAgreement.TryFindViolation(Encoding.UTF8.GetBytes(json), out string? violation));
        Assert.Null(violation);
    }

    [Theory]
    [InlineData("\"healthCheck\": { \"type\": \"tcp\", \"url\": \"http://a/\" }")]
    [InlineData("\"healthCheck\": { \"type\": \"tcp\", \"expect\": { \"failStatus\": [] } }")]
    [InlineData("\"healthCheck\": { \"url\": \"http://a/\", \"send\": \"a\" }")]
    [InlineData("\"healthCheck\": { \"url\": \"http://a/\", \"method\": \"HEAD\", \"expect\": { \"body\": \"a\" } }")]
    [InlineData("\"healthCheck\": { \"method\": \"GET\" }")]
    [InlineData("\"healthCheck\": { \"url\": \"https://a/\", \"tls\": { \"keyFile\": \"a\" } }")]
    public void Schema_KeysThatContradictEachOther_AreRefused(string keys) => CheckRefused(Given.Service(keys));

    [Theory]
    [InlineData("{ \"listen\": [\"127.0.0.1:1\"] }")]
    [InlineData("{ \"listen\": [\"192.0.2.1:1\"], \"tokenFile\": \"a\" }")]
    [InlineData("{ \"keyFile\": \"a\" }")]
    public void Schema_AdminThatIsOpen_IsRefused(string admin) => CheckRefused(Given.Root($"\"admin\": {admin}"));

    [Fact]
    public void Schema_EqualServicesUpstreamsAndListeners_AreRefused()
    {
        CheckRefused(Given.Service(listen: "[\"127.0.0.1:1\", \"127.0.0.1:1\"]"));
        CheckRefused(Given.Service(upstreams: """[{ "address": "192.0.2.1:1" }, { "address": "192.0.2.1:1" }]"""));
        CheckRefused(Given.Service(listen: """[{ "address": "127.0.0.1:1", "mode": "0660" }]"""));
        CheckRefused(Given.Service(upstreams: """[{ "address": "192.0.2.1:1", "healthCheck": { "timeout": "1s" } }]"""));
        CheckRefused(Given.Service(upstreams: """[{ "address": "192.0.2.1:1", "healthCheck": { "type": "http" } }]"""));
    }

    [Fact]
    public void Write_ToStream_GivesTheSameAndLeavesItOpen()
    {
        using var stream = new MemoryStream();
        ConfigurationSchema.Write(stream);

        using JsonDocument schema = Given.Schema();
        Assert.True(stream.CanWrite);
        using JsonDocument written = JsonDocument.Parse(stream.ToArray());
        Assert.True(JsonElement.DeepEquals(schema.RootElement, written.RootElement));
        Assert.Equal("https://json-schema.org/draft/2020-12/schema", written.RootElement.GetProperty("$schema").GetString());
    }

    [Fact]
    public void Codes_EachIsUniqueAndOfTheFormThatIsDocumented()
    {
        string[] codes = [.. typeof(ConfigurationCodes).GetFields().Select(field => (string)field.GetRawConstantValue()!)];

        Assert.Equal(codes.Length, codes.Distinct().Count());
        Assert.All(codes, code => Assert.Matches("^C[01][0-9]{2}$", code));
    }

    /// <summary>By both.</summary>
    private static void CheckRefused(string json)
    {
        Assert.NotEmpty(Given.Parse(json).Errors);
        Assert.True(SchemaAgreement.TryFindViolation(Encoding.UTF8.GetBytes(json), out string? violation));
        Assert.NotNull(violation);
    }

    private static void Walk(ObjectShape shape, JsonElement schema, Action<ObjectShape, JsonElement> visit)
    {
        visit(shape, schema);
        foreach (Key key in shape.Keys)
        {
            if (key.Nested is null)
                continue;
            JsonElement property = schema.GetProperty("properties").GetProperty(key.Name);
            Walk(key.Nested, property.TryGetProperty("items", out JsonElement items) ? items : property, visit);
        }
    }

    private static void CheckLoads(Key key, string json)
    {
        var problems = new ProblemList(key.Name);
        ConfigurationNode node = NodeReader.Read(Encoding.UTF8.GetBytes(json), problems)!;
        using TempFolder folder = new("examples");
        // The file that an example names.
        folder.Write("deny.txt", "192.0.2.1\n");
        Assert.True(key.Check(node, new BindingContext(problems, folder.Path)));
        Assert.Empty(problems.Sorted(ConfigurationSeverity.Error));
    }
}
