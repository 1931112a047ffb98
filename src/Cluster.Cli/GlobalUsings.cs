// The API has a message of the same name.
global using Task = System.Threading.Tasks.Task;
