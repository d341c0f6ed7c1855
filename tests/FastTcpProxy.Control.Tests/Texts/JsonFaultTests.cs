using System.Text.Json;
using FastTcpProxy.Control.Texts;

namespace FastTcpProxy.Control.Tests.Texts;

/// <summary>What the framework's own reader throws, in words for people.</summary>
public sealed class JsonFaultTests
{
    [Theory]
    [InlineData(true, "x", "line 1, column 1: 'x' is an invalid start of a value")]
    [InlineData(false, "{\n  \"a\": 1,\n  b", "line 3, column 3: 'b' is an invalid start of a property name. Expected a '\"'")]
    [InlineData(true, "[\n\"text\"]", "line 2, column 7: The JSON value could not be converted to System.Int32")]
    public void Describe_CountsLinesAndColumnsFromOne(bool isTyped, string text, string expected)
    {
        JsonException fault = Assert.ThrowsAny<JsonException>(
            () => isTyped ? JsonSerializer.Deserialize<int[]>(text) : (object)JsonDocument.Parse(text));

        Assert.Contains("LineNumber: ", fault.Message);
        Assert.Equal(expected, JsonFault.Describe(fault));
        Assert.Equal(expected[(expected.IndexOf(": ", StringComparison.Ordinal) + 2)..], JsonFault.What(fault));
    }

    [Fact]
    public void Describe_WithoutAPlace_IsTheMessage() => Assert.Equal("it is null", JsonFault.Describe(new JsonException("it is null")));
}
