using Google.Protobuf.Reflection;

namespace Cluster.UnitTests.Architecture;

/// <summary>
/// What of a protocol's newer form breaks those who speak the older one. Names of fields may change, they are not on the wire; numbers, types and
/// whether there are several may not, and a number that was given up stays reserved.
/// </summary>
internal static class ProtocolComparison
{
    public static IEnumerable<string> Breaks(FileDescriptorSet older, FileDescriptorSet newer)
    {
        Dictionary<string, FileDescriptorProto> files = newer.File.ToDictionary(file => file.Name, StringComparer.Ordinal);
        foreach (FileDescriptorProto file in older.File)
        {
            if (!files.TryGetValue(file.Name, out FileDescriptorProto? now)) yield return $"{file.Name} is gone";
            else foreach (string change in InFile(file, now)) yield return change;
        }
    }

    private static IEnumerable<string> InFile(FileDescriptorProto older, FileDescriptorProto newer)
    {
        if (older.Package != newer.Package) yield return $"{older.Name} is of package {newer.Package}, and was of {older.Package}";
        foreach (string change in Each(older.MessageType, newer.MessageType, message => message.Name, older.Package, InMessage)) yield return change;
        foreach (string change in Each(older.EnumType, newer.EnumType, type => type.Name, older.Package, InEnum)) yield return change;
        foreach (string change in Each(older.Service, newer.Service, service => service.Name, older.Package, InService)) yield return change;
    }

    private static IEnumerable<string> InMessage(string path, DescriptorProto older, DescriptorProto newer)
    {
        foreach (FieldDescriptorProto field in older.Field)
        {
            FieldDescriptorProto? now = newer.Field.FirstOrDefault(other => other.Number == field.Number);
            string name = $"{path}.{field.Name}";
            if (now is null)
            {
                if (!newer.ReservedRange.Any(range => range.Start <= field.Number && field.Number < range.End)) yield return $"{name} is gone, and its number {field.Number} is not reserved";
            }
            else if (now.Type != field.Type || now.TypeName != field.TypeName) yield return $"{name} is {now.Type} {now.TypeName}, and was {field.Type} {field.TypeName}";
            else if (now.Label != field.Label) yield return $"{name} is {now.Label}, and was {field.Label}";
            else if (OneofOf(older, field) is { } oneof && OneofOf(newer, now) != oneof) yield return $"{name} is not in the oneof {oneof} any more";
        }

        foreach (string change in Each(older.NestedType, newer.NestedType, message => message.Name, path, InMessage)) yield return change;
        foreach (string change in Each(older.EnumType, newer.EnumType, type => type.Name, path, InEnum)) yield return change;
    }

    private static IEnumerable<string> InEnum(string path, EnumDescriptorProto older, EnumDescriptorProto newer)
    {
        foreach (EnumValueDescriptorProto value in older.Value)
        {
            if (newer.Value.All(other => other.Number != value.Number) && !newer.ReservedRange.Any(range => range.Start <= value.Number && value.Number <= range.End))
                yield return $"{path}.{value.Name} is gone, and its number {value.Number} is not reserved";
        }
    }

    private static IEnumerable<string> InService(string path, ServiceDescriptorProto older, ServiceDescriptorProto newer)
    {
        foreach (MethodDescriptorProto method in older.Method)
        {
            MethodDescriptorProto? now = newer.Method.FirstOrDefault(other => other.Name == method.Name);
            if (now is null) yield return $"{path}.{method.Name} is gone";
            else if (now.InputType != method.InputType || now.OutputType != method.OutputType) yield return $"{path}.{method.Name} takes or answers something else";
            else if (now.ClientStreaming != method.ClientStreaming || now.ServerStreaming != method.ServerStreaming) yield return $"{path}.{method.Name} streams otherwise";
        }
    }

    private static string? OneofOf(DescriptorProto message, FieldDescriptorProto field) => field.HasOneofIndex && !field.Proto3Optional ? message.OneofDecl[field.OneofIndex].Name : null;

    private static IEnumerable<string> Each<T>(IEnumerable<T> older, IEnumerable<T> newer, Func<T, string> nameOf, string path, Func<string, T, T, IEnumerable<string>> compare)
        where T : class
    {
        Dictionary<string, T> known = newer.ToDictionary(nameOf, StringComparer.Ordinal);
        foreach (T item in older)
        {
            string name = $"{path}.{nameOf(item)}";
            if (!known.TryGetValue(nameOf(item), out T? now)) yield return $"{name} is gone";
            else foreach (string change in compare(name, item, now)) yield return change;
        }
    }
}
