using System.Text.Json.Serialization;

namespace FastTcpProxy.Daemon.Protocol;

/// <summary>
/// How the documents of the administrative interface are written and read: generated, without reflection. A key that is missing is an error
/// to the reader; one that it does not know is left alone, so that an older client understands a newer server. Immutable, any thread.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(StatusDocument))]
[JsonSerializable(typeof(OverrideDocument))]
[JsonSerializable(typeof(ClearedDocument))]
[JsonSerializable(typeof(OverrideRequestDocument))]
[JsonSerializable(typeof(SessionsDocument))]
[JsonSerializable(typeof(KilledDocument))]
[JsonSerializable(typeof(ReloadDocument))]
[JsonSerializable(typeof(DrainDocument))]
[JsonSerializable(typeof(DrainRequestDocument))]
[JsonSerializable(typeof(ExplainDocument))]
[JsonSerializable(typeof(ProblemDocument))]
internal sealed partial class DocumentContext : JsonSerializerContext;
